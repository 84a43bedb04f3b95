/** What runs in the server's image, as bash: every official image has one. */
export interface EngineScripts {
  /** Writes a dump into `$BACKUPS`. */
  readonly dump: string;
  /** Goes on with the dump's script where `$BACKUPS` is the last place of all dumps: removes the oldest. */
  readonly retention: string;
  /** Reads `$DUMP` from `$BACKUPS` into an empty database. */
  readonly restore: string;
  /** Reads the newest dump in `$BACKUPS` into a server of its own. */
  readonly drill: string;
}

/** How the scripts of all engines begin: the first thing that goes wrong ends them, and a file that is there is never written again. */
export function begin(what: string): string {
  return `set -euCo pipefail
umask 077
shopt -s nullglob
fail() { echo "${what} failed: $*" >&2; exit 1; }
cd "$BACKUPS"`;
}

/** The names of dumps: the database, and when the run began, in UTC. In this form, and byte by byte, names sort by time. */
export const names = `LC_ALL=C
stamp() { date -u -d "@$1" +%Y%m%dT%H%M%SZ; }
any='[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]Z'`;

/**
 * Writes one dump. It has its name only when it is whole, has been read back and has its checksum beside it.
 *
 * @param extension end of the names
 * @param write commands that write the dump to `$partial` and read it back
 */
export function dumpScript(extension: string, write: string): string {
  return `${begin('backup of $DATABASE')}
${names}
now=$(date +%s)
name=$DATABASE-$(stamp "$now").${extension}
partial=$name.partial

# What killed runs left. No run lives longer than the deadline, so nobody writes to these any more.
for left in "$DATABASE"-$any.${extension}.partial; do
  if [[ $left < $DATABASE-$(stamp "$((now - DEADLINE - 60))") ]]; then rm -- "$left"; echo "removed $left"; fi
done

[ ! -e "$name" ] || fail "$name is there already"
: > "$partial" || fail "$partial cannot be made, or is there already"
trap 'rm -f -- "$partial"; [ -e "$name" ] || rm -f -- "$name.sha256"' EXIT
set +C
${write}
sum=$(sha256sum < "$partial")
echo "\${sum%% *}  $name" > "$name.sha256" || fail "the checksum cannot be written"
sync "$partial" "$name.sha256" || fail "the dump does not reach the disk"
mv -n -- "$partial" "$name" || fail "$name cannot be made, or is there already"
[ ! -e "$partial" ] || fail "$name is there already"
sync .
echo "kept $name: $(stat -c %s "$name") bytes, sha256 \${sum%% *}"`;
}

/** Removes the oldest dumps beyond `$KEEP`. Only those with a checksum count, only they are removed, and never the new one. */
export function retention(extension: string): string {
  return `
dumps=()
for file in "$DATABASE"-$any.${extension}; do
  if [ -e "$file.sha256" ]; then dumps+=("$file"); fi
done
while [ "\${#dumps[@]}" -gt "$KEEP" ]; do
  [ "\${dumps[0]}" != "$name" ] || fail "$name is kept, but $KEEP others are newer: look at the clocks of the nodes"
  rm -- "\${dumps[0]}" "\${dumps[0]}.sha256"
  echo "removed \${dumps[0]}"
  dumps=("\${dumps[@]:1}")
done`;
}

/** Refuses a dump that is not there or is not what was dumped. */
export const checksum = `[ -f "$DUMP" ] || fail "there is no such dump"
[ -f "$DUMP.sha256" ] || fail "it has no checksum"
sha256sum -c "$DUMP.sha256" >/dev/null || fail "its checksum differs: it is not what was dumped"`;

/** Finds the newest dump, and refuses one that is too old. */
export function newest(extension: string): string {
  return `now=$(date +%s)
DUMP=
for file in "$DATABASE"-$any.${extension}; do
  if [ -e "$file.sha256" ]; then DUMP=$file; fi
done
[ -n "$DUMP" ] || fail "there is no dump"
[[ ! $DUMP < $DATABASE-$(stamp "$((now - MAXIMUM_AGE))") ]] || fail "the newest dump is $DUMP, more than $MAXIMUM_AGE seconds old"
[[ ! $DUMP > $DATABASE-$(stamp "$now").${extension} ]] || fail "$DUMP is from the future: look at the clocks of the nodes"
${checksum}`;
}

/** Ends a drill: what was counted, and whether it is enough. */
export const verdict = `[ "$tables" -gt 0 ] || fail "$DUMP has no table"
echo "restored $DUMP, $(stat -c %s "$DUMP") bytes: $tables tables, $rows rows"`;
