#!/usr/bin/env bash
# The step of action.yml: inputs in variables → arguments of "inquest ci". Nothing of an input is ever evaluated.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

node "$here/scripts/setup.mjs"

arguments=()
if [ -n "${INPUT_ALERT:-}" ]; then
  if [ -f "$INPUT_ALERT" ]; then arguments+=("$INPUT_ALERT"); else export INQUEST_ALERT="$INPUT_ALERT"; fi
fi
if [ -n "${INPUT_CONFIG:-}" ]; then arguments+=(--config "$INPUT_CONFIG"); fi
if [ -n "${INPUT_FAIL_ON:-}" ]; then arguments+=(--fail-on "$INPUT_FAIL_ON"); fi
if [ -n "${INPUT_ARTIFACT:-}" ]; then arguments+=(--artifact "$INPUT_ARTIFACT"); fi
case "${INPUT_COMMENT:-}" in
"" | false) ;;
true) arguments+=(--comment) ;;
*) arguments+=(--comment "$INPUT_COMMENT") ;;
esac
while IFS= read -r line; do
  if [ -n "$line" ]; then arguments+=("$line"); fi
done <<<"${INPUT_ARGS:-}"

exec node "$here/bin/inquest.js" ci "${arguments[@]}"
