#!/usr/bin/env bash
# Applies the files of an environment, waits for its jobs and its pods, and where that fails says why, and how to go back:
#   deliver/roll-out.sh staging
# It asks kubectl, by the kubeconfig that it finds; CONTEXT names the context, DIST another folder than dist, LIMIT the seconds that it
# waits at the most. It reads no Secret; what others print passes through `hide`. What sops has encrypted is decrypted into a pipe to kubectl,
# and nowhere else.
set -euo pipefail

environment=${1:?name the environment, as in: deliver/roll-out.sh staging}
folder=${DIST:-dist}/$environment
limit=${LIMIT:-3600}
failures=()

# Where something may not be watched, kubectl asks for it for ever.
kube() { timeout "${within:-300}" kubectl ${CONTEXT:+--context="$CONTEXT"} "$@"; }
say() { printf '\n== %s\n' "$*"; }

# Users in URLs, authorizations, what is called a secret, and patches, which kubectl prints whole where one is refused. The bar keeps
# a line of a log from being a command to the runner.
hide() {
  sed -u -E \
    -e 's/^\{.*$/(a patch: not shown, it may hold a Secret)/' \
    -e 's#([A-Za-z][A-Za-z0-9+.-]*://)[^[:space:]"/]*@#\1***@#g' \
    -e 's#\b(bearer|basic) [A-Za-z0-9._~+/=-]+#\1 ***#Ig' \
    -e 's#([A-Za-z0-9_.-]*(secret|passw|pwd|token|cookie|api_?key|private_?key|credential|dsn)[A-Za-z0-9_.-]*"?[[:space:]]*(=>|[:=])[[:space:]]*)("[^"]*"|[^[:space:],;}]+)#\1***#Ig' \
    -e 's/^/  | /'
}

files=("$folder"/*.k8s.yaml)
if [ ! -e "${files[0]}" ]; then
  echo "$folder has no files: npm run synth writes them" >&2
  exit 1
fi
namespace=$(awk '/^  namespace: /{ gsub(/"/, "", $2); print $2; exit }' "${files[@]}")
in_namespace() { kube --namespace "$namespace" "$@"; }

# What its Deployments run now and will not any more.
former() {
  local image
  in_namespace get deployments --output 'jsonpath={range .items[*]}{range .spec.template.spec.containers[*]}{.image}{"\n"}{end}{end}' 2>/dev/null |
    sort -u | while read -r image; do grep -qF -- "$image" "${files[@]}" || echo "$image"; done
}

job_state() { in_namespace get job "$1" --ignore-not-found --output 'jsonpath={.spec.suspend} {.status.failed} {range .status.conditions[?(@.status=="True")]}{.type} {end}'; }

wait_for_job() {
  local name=$1 state tries last=''
  while true; do
    # One that is gone has ended, some time ago.
    state=$(job_state "$name" 2>&1) || { failures+=("job $name cannot be read: $state"); return; }
    case " $state " in
      "  " | *' Complete '*) echo "job $name has run"; return ;;
      *' true '*) echo "job $name is suspended: nobody waits for it"; return ;;
      *' Failed '*) failures+=("job $name has failed"); return ;;
    esac
    read -r _ tries _ <<<"$state "
    if [[ $tries =~ ^[0-9]+$ && $tries != "$last" ]]; then echo "job $name: $tries of its pods failed so far"; fi
    last=$tries
    if [ "$SECONDS" -ge "$limit" ]; then failures+=("job $name has not ended in $limit s"); return; fi
    sleep 2
  done
}

wait_for_pods() {
  local name=$1 state last=''
  while true; do
    # Kubernetes says when it has taken too long: progressDeadlineSeconds.
    state=$(within=60 in_namespace rollout status "$name" --watch=false 2>&1) || { failures+=("$name: $(tail -n 1 <<<"$state")"); return; }
    if [ "$state" != "$last" ]; then echo "$state"; fi
    last=$state
    case $state in *'successfully rolled out'* | *'rolling update complete'* | *'roll out complete'*) return ;; esac
    if [ "$SECONDS" -ge "$limit" ]; then failures+=("$name is not ready in $limit s"); return; fi
    sleep 2
  done
}

unready_pods='{range .items[*]}{.metadata.name}{" "}{.status.phase}{" "}{range .status.conditions[?(@.type=="Ready")]}{.status}{end}{" "}{.metadata.ownerReferences[0].name}{"\n"}{end}'
one='{.name}{": "}{.state.waiting.reason}{.state.terminated.reason}{" "}{.state.waiting.message}{.lastState.terminated.message}{"\n"}'
states="{range .status.initContainerStatuses[*]}$one{end}{range .status.containerStatuses[*]}$one{end}"'{range .status.conditions[?(@.reason=="Unschedulable")]}{.message}{"\n"}{end}'

why() {
  local pod
  say "warnings in $namespace, the newest last"
  in_namespace get events --field-selector type=Warning --sort-by .metadata.creationTimestamp \
    --output custom-columns=KIND:.involvedObject.kind,NAME:.involvedObject.name,REASON:.reason,MESSAGE:.message 2>&1 | tail -n 20 | hide
  # The newest of each job and each version: the others say the same.
  for pod in $(in_namespace get pods --sort-by .metadata.creationTimestamp --output "jsonpath=$unready_pods" 2>/dev/null |
    awk '$2 != "Succeeded" && $3 != "True" { newest[$NF] = $1 } END { for (owner in newest) print newest[owner] }' | sort | tail -n 5); do
    say "pod $pod is not ready"
    in_namespace get pod "$pod" --output "jsonpath=$states" 2>&1 | hide || true
    in_namespace logs "$pod" --all-containers --ignore-errors --prefix --tail 30 2>&1 | hide || true
  done
}

go_back() {
  say 'to go back'
  local image
  for image in $before; do
    echo "  npx cdk8s-phoenix promote $image $environment, then npm run synth, and apply, or a commit"
  done
  echo "  git log -p images/$environment.yaml tells what it ran before"
  echo '  Migrations that have run stay. The former image must bear the newer schema; else they are taken back first: docs/migrations.md.'
}

# Pods read it when they start, so it comes before them. Of what kubectl says to a Secret that it does not take only the reason is shown.
apply_encrypted() {
  local file applied_one
  if ! command -v sops >/dev/null; then failures+=("there is no sops, which decrypts $folder/sops"); return; fi
  kube apply --filename "$folder/00-namespace.k8s.yaml" >/dev/null 2>"$errors" || { failures+=("kubectl apply -f $folder/00-namespace.k8s.yaml"); hide <"$errors"; return; }
  for file in "$folder"/sops/*.k8s.yaml; do
    say "sops decrypt $file | kubectl apply -f -"
    if applied_one=$(sops decrypt "$file" 2>"$errors" | kube apply --filename - 2>"$refused"); then echo "$applied_one"; continue; fi
    failures+=("the Secret in $file was not applied")
    hide <"$errors"
    { grep -oE '^Error from server \([A-Za-z]+\)|^error: [a-z ]+' "$refused" || true; } | hide
  done
}

# What no pipeline has the rights to.
administrators() {
  local cluster file
  cluster=$(awk '/^    cdk8s-phoenix\/cluster: /{ gsub(/"/, "", $2); print $2; exit }' "${files[@]}")
  for file in "${DIST:-dist}/cluster/$cluster/guard.yaml" "${DIST:-dist}/cluster/$cluster/$environment-deployers.yaml"; do
    if [ -n "$cluster" ] && [ -e "$file" ]; then echo "  kubectl --context $cluster apply -f $file"; fi
  done
}

before=$(former || true)
applied=$(mktemp) errors=$(mktemp) refused=$(mktemp)
trap 'rm -f "$applied" "$errors" "$refused"' EXIT
if [ -d "$folder/sops" ]; then apply_encrypted; fi
if [ "${#failures[@]}" -eq 0 ]; then
  say "kubectl apply -f $folder"
  kube apply --filename "$folder" >"$applied" 2>"$errors" || failures+=("kubectl apply -f $folder")
  cat "$applied"
  hide <"$errors"
fi
if grep -qi forbidden "$errors" && [ -n "$(administrators)" ]; then
  say 'who administers the cluster applies these, whenever they change, and what the rights leave to them:'
  administrators
fi

mapfile -t jobs < <(awk '/^job\.batch\// { sub(/^job\.batch\//, "", $1); print $1 }' "$applied")
mapfile -t workloads < <(awk '/^(deployment|statefulset)\.apps\// { print $1 }' "$applied")
# What was refused may be what the rest waits for.
if [ "${#failures[@]}" -eq 0 ]; then
  for name in "${jobs[@]}"; do wait_for_job "$name"; done
fi
if [ "${#failures[@]}" -eq 0 ]; then
  for name in "${workloads[@]}"; do wait_for_pods "$name"; done
fi

if [ "${#failures[@]}" -eq 0 ]; then
  say "$environment runs it"
  if [ -d "$folder/after" ]; then echo "once nobody goes back any more: kubectl apply -f $folder/after"; fi
  exit 0
fi
why || true
go_back
say "$environment does not run it:"
printf '%s\n' "${failures[@]}" | hide
exit 1
