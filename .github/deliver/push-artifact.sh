#!/usr/bin/env bash
# Pushes the files of an environment to a registry, from where Flux or Argo CD applies them:
#   deliver/push-artifact.sh staging ghcr.io/acme/shop-stack
# It needs GNU tar and oras, which is logged in. The files get a tag that stays, staging-<commit>, and then the tag that is applied,
# staging: the same files are the same artifact, with the same digest. DIST names another folder than dist, REVISION another commit.
set -euo pipefail

environment=${1:?name the environment, as in: deliver/push-artifact.sh staging ghcr.io/acme/shop-stack}
repository=${2:?name the repository, as in: deliver/push-artifact.sh staging ghcr.io/acme/shop-stack}
folder=${DIST:-dist}/$environment
revision=${REVISION:-$(git rev-parse HEAD)}

# A file of sops has one Secret, and its values are encrypted.
plain() {
  local file
  find "$folder" -name '*.k8s.yaml' | sort | while read -r file; do
    if grep -qE '^kind: "?Secret"?$' "$file" && ! grep -q '^sops:$' "$file"; then echo "$file"; fi
  done
}

if [ -z "$(find "$folder" -name '*.k8s.yaml' 2>/dev/null)" ]; then
  echo "$folder has no files: npm run synth writes them" >&2
  exit 1
fi
if [ -n "$(plain)" ]; then
  printf 'all who may pull could read the Secrets in these files, so nothing is pushed:\n%s\n' "$(plain)" >&2
  exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$folder" && find . \( -type d -o -name '*.k8s.yaml' \) | LC_ALL=C sort) >"$work/names"
tar --create --directory "$folder" --no-recursion --files-from "$work/names" --format ustar \
  --mtime '1970-01-01 00:00:00Z' --owner 0 --group 0 --numeric-owner --mode 'u=rwX,go=rX' | gzip -9 --no-name >"$work/files.tar.gz"
# One layer of this type is what both take without a setting.
(cd "$work" && oras push --no-tty --annotation 'org.opencontainers.image.created=1970-01-01T00:00:00Z' \
  "$repository:$environment-$revision" files.tar.gz:application/vnd.oci.image.layer.v1.tar+gzip)
digest=$(oras resolve "$repository:$environment-$revision")
oras tag "$repository@$digest" "$environment"
echo "$environment is oci://$repository@$digest"
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then echo "$environment is \`oci://$repository@$digest\`" >>"$GITHUB_STEP_SUMMARY"; fi
