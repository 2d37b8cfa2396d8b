#!/usr/bin/env bash
# Drives real clients (Claude Code, Anthropic's SDK, the AI SDK) through the gateway.
#
#   tests/clients/run.sh [--long] [part of a check's name]
#
# --long has the backend silent for a minute where the everyday run takes a quarter of that. DRAGOMAN names a gateway command
# to use instead of building one; CLAUDE_CODE a Claude Code instead of the one that package.json pins. The clients are
# installed once, outside the tree. The last line is "N passed, N failed, N skipped".
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)

skip() {
    echo "SKIPPED, no real client was tried: $1"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
}

command -v node >/dev/null && command -v npm >/dev/null || skip "node and npm are not installed"
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || skip "node $(node --version) is older than 20"

cache=${XDG_CACHE_HOME:-${HOME:-$top/artifacts}/.cache}/dragoman-clients
clients=$cache/$(sha256sum "$here/package.json" | cut -c1-12)
if [ ! -e "$clients/.installed" ]; then
    echo "Installing the clients in $clients"
    rm -rf "$cache"
    mkdir -p "$clients"
    cp "$here/package.json" "$clients/"
    log=$clients/npm.log
    # Where the machine trusts a certificate of its own, npm shall, too.
    [ -e /etc/ssl/certs/ca-certificates.crt ] && export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
    timeout 240 npm install --fetch-retries=1 --prefix "$clients" --no-audit --no-fund --package-lock=false --loglevel=error >"$log" 2>&1 </dev/null ||
        { tail -5 "$log"; skip "npm could not install the clients"; }
    touch "$clients/.installed"
fi

if [ -z "${CLAUDE_CODE:-}" ]; then
    # The package's own command needs its install script to have run, which not every npm allows; the program itself is in a package of its own.
    CLAUDE_CODE=$(find "$clients/node_modules/@anthropic-ai" -maxdepth 2 -type f -name claude -perm -u+x | head -1)
    [ -n "$CLAUDE_CODE" ] || CLAUDE_CODE=$clients/node_modules/.bin/claude
fi
export CLAUDE_CODE
export CLAUDE_CODE_2_0=$clients/node_modules/claude-code-2.0/cli.js

if [ -z "${DRAGOMAN:-}" ]; then
    dotnet build "$top/src/Dragoman" -c Release -nr:false -v q -nologo </dev/null
    DRAGOMAN="dotnet $top/src/Dragoman/bin/Release/net10.0/dragoman.dll"
fi
export DRAGOMAN

# Imports are looked up from where a module lies, and the clients lie beside the copies.
rm -rf "$clients/checks"
mkdir "$clients/checks"
cp -R "$here"/*.mjs "$here/support" "$clients/checks/"
exec node "$clients/checks/main.mjs" "$@" </dev/null
