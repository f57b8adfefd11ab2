#!/usr/bin/env bash
# Makes the packages of the default solution and uses them as a stranger would, from a feed that is a folder:
#   check.sh pack FOLDER      dotnet pack, and a look at what is in the packages
#   check.sh snippet FOLDER   README.md's first program, as it stands there, in an empty console project with the packages named there; then that of MetaEol.Llama
#   check.sh tool FOLDER      the tool, installed from its package
#   check.sh trimmed FOLDER   an application with options from appsettings.json, trimmed
#   check.sh native FOLDER    the same one, compiled ahead of time
# FOLDER holds feed and projects, and lies outside of the repository, so that nothing of it reaches them; `pack` comes first. Exit status 77: skipped, and the last line says why.
set -euo pipefail
readonly check=${1:?one of pack, snippet, tool, trimmed, native} work=$(mkdir -p "${2:?a folder}" && cd "$2" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
readonly root=$PWD feed=$work/feed largest_tool=12000000
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en

fail() {
    echo "$*" >&2
    exit 1
}

# Packages of the same version from an earlier day must not be taken from the machine's package folder: this run has its own, with links to all others.
own_package_folder() {
    local machine=${NUGET_PACKAGES:-$(dotnet nuget locals global-packages --list | sed 's/^[^:]*: *//')} package
    export NUGET_PACKAGES=$work/packages
    mkdir -p "$NUGET_PACKAGES"
    for package in "${machine%/}"/*/; do
        package=$(basename "$package")
        [[ $package == metaeol.* || $package == '*' || -e $NUGET_PACKAGES/$package ]] || ln -s "${machine%/}/$package" "$NUGET_PACKAGES/$package"
    done
}

# The repository's package sources, and the feed, from which alone this repository's packages come.
write_sources() {
    sed "s|</packageSources>|  <add key=\"local\" value=\"$feed\" />\n  </packageSources>\n  <packageSourceMapping>\
    <packageSource key=\"local\"><package pattern=\"MetaEol.*\" /></packageSource>\
    <packageSource key=\"nuget.org\"><package pattern=\"*\" /></packageSource>\n  </packageSourceMapping>|" "$root/NuGet.config" >"$1/NuGet.config"
}

# property PROJECT NAME: what MSBuild makes of a property.
property() {
    dotnet msbuild "$1" -getProperty:"$2"
}

hosting_version() {
    sed -nE 's/.*Include="Microsoft.Extensions.Hosting" Version="([^"]+)".*/\1/p' "$root/Directory.Packages.props"
}

# program FILE: the first C# program in a Markdown file; one that begins with a using directive.
program() {
    awk '/^```csharp/ { getline; if (/^using /) { inside = 1 } } /^```$/ { if (inside) exit } inside' "$1"
}

pack() {
    local project name path symbols package
    rm -rf "$feed" "$work/packages" "$work/all"
    dotnet pack MetaEol.Extensions.sln --configuration Release --output "$feed" --nologo --verbosity quiet
    mkdir -p "$work/all"
    own_package_folder
    write_sources "$work/all"
    {
        echo '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup><ItemGroup>'
        for project in $(dotnet sln MetaEol.Extensions.sln list | tr '\\' '/' | grep -E '^src/.*\.csproj$' | grep -v MetaEol.Cli); do
            echo "<PackageReference Include=\"$(basename "$project" .csproj)\" Version=\"*\" />"
        done
        echo '</ItemGroup></Project>'
    } >"$work/all/all.csproj"
    dotnet restore "$work/all/all.csproj" --verbosity quiet

    for project in $(dotnet sln MetaEol.Extensions.sln list | tr '\\' '/' | grep -E '^src/.*\.csproj$' | grep -v MetaEol.Cli); do
        name=$(basename "$project" .csproj)
        path=$(echo "$NUGET_PACKAGES/$(tr '[:upper:]' '[:lower:]' <<<"$name")"/*)
        for file in README.md icon.png "lib/net10.0/$name.dll" "lib/net10.0/$name.xml"; do
            [[ -s $path/$file ]] || fail "The package $name has no $file."
        done
        for element in '<license type="expression">MIT<' '<readme>README.md<' '<icon>icon.png<' '<description>[^<]{40}' '<tags>[^<]*embeddings' '<copyright>' '<authors>'; do
            grep -qE -- "$element" "$path"/*.nuspec || fail "The package $name has no $element in its .nuspec."
        done
        symbols=$(echo "$feed/$name".[0-9]*.snupkg)
        [[ -s $symbols ]] || fail "The package $name has no symbols."
        if [[ ${CI:-} == true ]] && grep -qF -- "$root" "$path/lib/net10.0/$name.dll"; then
            fail "$name.dll names the folder it was built in, so that it is another file for everyone who builds it."
        fi
        echo "$name: README, icon, licence, tags, documentation, symbols"
    done
}

snippet() {
    local package
    own_package_folder
    rm -rf "$work/hello" "$work/llama"
    dotnet new console --output "$work/hello" --name Hello >/dev/null
    dotnet new console --output "$work/llama" --name Llama >/dev/null
    write_sources "$work/hello"
    write_sources "$work/llama"

    program README.md >"$work/hello/Program.cs"
    [[ -s $work/hello/Program.cs ]] || fail 'README.md has no C# program.'
    diff <(program README.md) <(program src/MetaEol.Extensions/README.md) || fail "The first program of src/MetaEol.Extensions/README.md is not README.md's."
    mkdir -p "$work/hello/models" "$work/llama/models"
    cp -r models/demo "$work/hello/models/demo"
    cp -r models/demo "$work/llama/models/demo"
    grep -E '^dotnet add package [A-Za-z.]+$' README.md >"$work/hello/packages.txt" || fail 'README.md names no packages to add.'
    while read -r _ _ _ package; do
        (cd "$work/hello" && dotnet add package "$package" >"$package.log") || { cat "$work/hello/$package.log"; fail "$package could not be added."; }
    done <"$work/hello/packages.txt"
    (cd "$work/hello" && dotnet run)

    program src/MetaEol.Llama/README.md >"$work/llama/Program.cs"
    (cd "$work/llama" && dotnet add package MetaEol.Llama >add.log && dotnet run)
    echo 'Both programs ran as they stand.'
}

tool() {
    local size package tool
    for package in "$feed"/MetaEol.Cli.*.nupkg; do
        size=$(wc -c <"$package")
        printf '%11d bytes  %s\n' "$size" "$(basename "$package")"
        ((size <= largest_tool)) || fail "$(basename "$package") has $size bytes, and may have $largest_tool."
    done

    own_package_folder
    rm -rf "$work/tools" "$work/notes"
    mkdir -p "$work/tools" "$work/notes"
    # Where the feed is the only source, nothing but the package itself can be what is installed.
    printf '<configuration><packageSources><clear /><add key="local" value="%s" /></packageSources></configuration>\n' "$feed" >"$work/tools/NuGet.config"
    dotnet tool install MetaEol.Cli --tool-path "$work/tools" --configfile "$work/tools/NuGet.config" --version "$(property src/MetaEol.Cli/MetaEol.Cli.csproj PackageVersion)"
    tool=$work/tools/metaeol
    echo 'The choir sings in the church on Sunday.' >"$work/notes/music.txt"
    cd "$work/notes"
    "$tool" --version
    "$tool" explain 'Two dogs run through the snow.'
    "$tool" search . 'Who sings in church?' | tee "$work/found.txt"
    grep -q 'music.txt' "$work/found.txt" || fail 'The installed tool did not find the only passage there is.'
    serve "$tool"
}

# serve TOOL: the installed tool's server, asked once, and stopped as a service manager stops it.
serve() {
    local address server status=0 tries
    "$1" serve --port 0 >"$work/serve.out" 2>"$work/serve.err" &
    server=$!
    for ((tries = 0; tries < 300; tries++)); do
        address=$(sed -n 's/^Listening on //p' "$work/serve.out")
        [[ -n $address ]] && break
        kill -0 "$server" 2>/dev/null || break
        sleep 0.2
    done
    [[ -n $address ]] || { cat "$work/serve.err"; fail 'The installed tool does not serve.'; }
    if command -v curl >/dev/null; then
        curl --silent --show-error --fail "$address/v1/embeddings" --header 'Content-Type: application/json' --data '{"model":"demo","input":"Who sings in church?"}' >"$work/serve.json" || fail 'The installed tool serves no vector.'
        grep -q '"embedding":\[' "$work/serve.json" || fail 'The answer of the installed tool holds no vector.'
    fi
    kill -TERM "$server"
    wait "$server" || status=$?
    ((status == 0)) || fail "The server ended with $status."
    echo "Served at $address."
}

# publish KIND PROPERTIES...: publishes the application and holds its vector against that of the application as it is built.
publish() {
    local kind=$1 rid app=$work/$1
    shift
    rm -rf "$app" "$work/$kind.vector"
    own_package_folder
    cp -r eng/packages/configured "$app"
    write_sources "$app"
    sed -i.old "s/HOSTING_VERSION/$(hosting_version)/" "$app/configured.csproj"
    mkdir -p "$app/run/models"
    cp -r models/demo "$app/run/models/demo"
    cp "$app/appsettings.json" "$app/run/"
    rid=$(dotnet --info | sed -nE 's/^ *RID: *//p' | head -n 1)

    if ! dotnet restore "$app/configured.csproj" --runtime "$rid" "$@" >"$app/restore.log"; then
        cat "$app/restore.log"
        if grep -qiE 'NU110[1-3].*(ILCompiler|ILLink|App\.Runtime)' "$app/restore.log"; then
            echo "The package source has not what '$*' takes."
            exit 77
        fi
        exit 1
    fi

    dotnet build "$app/configured.csproj" --verbosity quiet --nologo --output "$app/built"
    dotnet publish "$app/configured.csproj" --configuration Release --runtime "$rid" "$@" --verbosity quiet --nologo --output "$app/published"
    cd "$app/run"
    dotnet "$app/built/configured.dll" "$work/$kind.vector" | tee "$app/built.txt"
    "$app/published/configured" "$work/$kind.vector" | tee "$app/published.txt"
    diff "$app/built.txt" <(grep -v '^relative error' "$app/published.txt") || fail 'The published application read other options from its appsettings.json.'
    du -sh "$app/published" | sed 's/\t.*/ published, without a warning/'
}

native() {
    if ! command -v clang >/dev/null && ! command -v gcc >/dev/null; then
        echo 'Neither clang nor gcc is there to link with.'
        exit 77
    fi
    publish native -p:PublishAot=true
}

case $check in
    pack) pack ;;
    snippet) snippet ;;
    tool) tool ;;
    trimmed) publish trimmed -p:PublishTrimmed=true -p:SelfContained=true ;;
    native) native ;;
    *) fail "'$check' is none of pack, snippet, tool, trimmed, native." ;;
esac
