# Sourced by ./culvert: builds the source tree.

# Whether the jars are there and nothing in the tree is newer.
is_built() {
    [ -e "$2/built" ] && [ -d "$2/lib" ] \
        && [ -z "$(find "$1/pom.xml" "$1"/*/pom.xml "$1"/*/src/main -newer "$2/built" -print -quit)" ]
}

# Builds the tree $1 into $2. One at a time: a second launcher waits, and finds it built.
build() {
    mkdir -p "$1/deploy/target"
    (
        if command -v flock >/dev/null 2>&1; then
            flock 9
        fi
        is_built "$1" "$2" || make_jars "$1" "$2"
    ) 9>"$1/deploy/target/.lock"
}

make_jars() {
    if ! command -v mvn >/dev/null 2>&1; then
        echo "culvert: building needs Maven: install it with \`apt-get install maven\`" >&2
        return 4
    fi
    echo "culvert: building (once, about a minute) ..." >&2
    log=$1/deploy/target/build.log
    # A file that is changed from now on is newer than what is built.
    touch "$1/deploy/target/.started"
    # A gateway that runs from the old jars keeps them open; written over, they would break it.
    rm -rf "$2"
    if ! (cd "$1" && mvn -B -Dmaven.test.skip=true package) >"$log" 2>&1 9>&-; then
        grep -E '^\[(ERROR|WARNING)\]' "$log" | head -n 40 >&2
        echo "culvert: the build failed: see above, and all that Maven said in $log" >&2
        return 70
    fi
    make_cache "$2"
    mv "$1/deploy/target/.started" "$2/built"
}

# Keeps the classes of the usual commands, parsed and linked, so that the next commands start faster; they do without as
# well. All that a cache holds is loaded at once, so a gateway, and the commands that scripts and completion wait for,
# which do without picocli, have their own.
make_cache() {
    find_class_path "$1/lib"
    for command in run show stats; do
        find_flags $command
        # A gateway is at work for a moment, in a network namespace of its own.
        namespace=
        [ $command != run ] || namespace="unshare --map-root-user --net"
        # shellcheck disable=SC2086 # switches are words
        (set -f && $namespace "$JAVA_HOME/bin/java" $flags "-XX:AOTCacheOutput=$1/$cache.aot" -cp "$class_path" \
            io.culvert.cli.StartTraining $cache) >/dev/null 2>&1 9>&- || rm -f "$1/$cache.aot"
    done
}
