import { names } from './script-parts';

/** The image of rclone has no bash. */
function begin(what: string): string {
  return `set -eu
fail() { echo "${what} failed: $*" >&2; exit 1; }
cd "$BACKUPS"
bucket=backup:$BUCKET`;
}

/** The dumps in the bucket that have a checksum, oldest first. A folder that is not there yet is empty: code 3. */
function dumpsIn(extension: string): string {
  return `LC_ALL=C
${names.split('\n').at(-1) ?? ''}
list() {
  rclone lsf --files-only "$bucket" > /tmp/listed 2> /tmp/problem || [ "$?" = 3 ] || { cat /tmp/problem >&2; fail "the bucket cannot be listed"; }
  sort /tmp/listed | while read -r file; do
    case $file in
      "$DATABASE"-$any.${extension}) if grep -qxF "$file.sha256" /tmp/listed; then echo "$file"; fi ;;
    esac
  done > /tmp/dumps
}`;
}

/**
 * Brings the dump of the container before into the bucket. Its checksum follows when what is there has been read back, so
 * that a dump with a checksum is a whole one. Then it removes the oldest.
 */
export function uploadScript(extension: string): string {
  return `${begin('backup of $DATABASE')}
${dumpsIn(extension)}
set -- "$DATABASE"-$any.${extension}
name=$1
list
if grep -qxF -e "$name" -e "$name.sha256" /tmp/listed; then fail "$name is in the bucket already"; fi
rclone copyto --immutable "$name" "$bucket/$name" || fail "the upload ended with an error; the dump has no checksum and does not count"
there=$(rclone cat "$bucket/$name" | sha256sum)
[ "$there" = "$(sha256sum < "$name")" ] || fail "what is in the bucket differs; the dump has no checksum and does not count"
rclone copyto --immutable "$name.sha256" "$bucket/$name.sha256" || fail "the checksum cannot be written; the dump does not count"
echo "kept $name in the bucket: sha256 \${there%% *}"

list
count=$(grep -c . /tmp/dumps)
while read -r old && [ "$count" -gt "$KEEP" ]; do
  [ "$old" != "$name" ] || fail "$name is kept, but $KEEP others are newer: look at the clocks of the nodes"
  rclone deletefile "$bucket/$old" && rclone deletefile "$bucket/$old.sha256" || fail "$name is kept, but $old cannot be removed"
  echo "removed $old"
  count=$((count - 1))
done < /tmp/dumps`;
}

/** Fetches one dump and its checksum. rclone takes what is not there for an empty folder, and ends well. */
const fetch = `for file in "$DUMP" "$DUMP.sha256"; do
  rclone copyto "$bucket/$file" "$file" && [ -f "$file" ] || fail "$file cannot be fetched"
done
echo "fetched $DUMP"`;

/** Fetches the dump that a restore names. */
export const fetchScript = `${begin('restore of $DUMP')}
${fetch}`;

/** Fetches the newest dump for a drill. */
export function fetchNewestScript(extension: string): string {
  return `${begin('restore drill of $DATABASE')}
${dumpsIn(extension)}
list
DUMP=$(tail -n 1 /tmp/dumps)
[ -n "$DUMP" ] || fail "there is no dump"
${fetch}`;
}
