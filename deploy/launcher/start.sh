# Sourced by the launchers: starts the JVM that runs Culvert.

# The command among the words: the first that is neither an option nor an option's value. Sets command.
find_command() {
    command=
    is_value=
    for word; do
        case $is_value$word in
            --socket | -socket | -f | -family) is_value=value: ;;
            value:*) is_value= ;;
            -*) ;;
            *)
                command=$word
                return
                ;;
        esac
    done
}

# The jars of that directory, in an order that does not change: the cache of classes is bound to it. Sets class_path.
find_class_path() {
    class_path=
    for jar in "$1"/*.jar; do
        class_path=$class_path:$jar
    done
    class_path=${class_path#:}
}

# The JVM's switches for that command, and the name of its cache of classes, if any. Sets flags and cache. The parent pom has
# some of the switches too.
find_flags() {
    flags="--enable-native-access=ALL-UNNAMED"
    cache=

    # A system call makes an object, the slice of its errno capture, unless the optimizing compiler sees that nobody else gets it:
    # not where the call is inlined into a large method, nor where one of the JDK's checks of the slice is not inlined.
    flags="$flags -XX:CompileCommand=quiet -XX:CompileCommand=dontinline,io.culvert.linux.SystemCalls::*"
    flags="$flags -XX:CompileCommand=inline,jdk.internal.foreign.AbstractMemorySegmentImpl::*"
    flags="$flags -XX:CompileCommand=inline,jdk.internal.foreign.abi.SharedUtils::checkNative"

    # It does until it is compiled, for minutes if it is a rare call: hence after some hundred calls.
    flags="$flags -XX:CompileCommand=CompileThresholdScaling,io.culvert.linux.SystemCalls::*,0.05"

    # One collector thread that never runs while packets flow: the path allocates nothing.
    flags="$flags -XX:+UseSerialGC -XX:-UsePerfData"

    case $1 in
        run | demo | bench | explain)
            # Agrona's access to memory, for all that handles packets. Other commands start faster without it.
            flags="$flags --add-opens=java.base/jdk.internal.misc=ALL-UNNAMED"
            ;;
    esac
    case $1 in
        run)
            # A heap that is there from the start. Only thousands of tunnels make it grow, never packets. In huge pages it
            # is there sooner.
            flags="$flags -Xms64m -Xmx512m -XX:+AlwaysPreTouch -XX:+UseTransparentHugePages"
            cache=run
            ;;
        demo | bench | explain) ;;
        *)
            # A command lives for a moment: no time to compile well, and none to load classes one by one.
            flags="$flags -Xmx128m -XX:TieredStopAtLevel=1"

            # Map the cache where its pointers fit; do not open every jar in search of another socket provider; do not
            # generate code for a constructor that is called once. Some 40 ms together.
            flags="$flags -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0"
            flags="$flags -Djava.nio.channels.spi.SelectorProvider=sun.nio.ch.EPollSelectorProvider"
            flags="$flags -Djdk.reflect.useNativeAccessorOnly=true"
            cache=others
            case $1 in tunnel | tunl | show) cache=plain ;; esac
            ;;
    esac
}

# Becomes the JVM: its signals and its exit status are the gateway's own.
start() {
    home=$1
    shift
    find_command "$@"
    find_class_path "$home/lib"
    find_flags "$command"
    [ -r "$home/$cache.aot" ] || cache=
    # A cache that does not fit is not used, and nobody needs to hear of it.
    [ -z "$cache" ] || flags="$flags -Xlog:aot=off -Xlog:cds=off"
    # A core would hold the keys of security associations.
    [ "$command" != run ] || ulimit -c 0
    # No file names in place of the asterisk of a switch; switches are words.
    set -f
    # shellcheck disable=SC2086
    exec "$JAVA_HOME/bin/java" $flags ${cache:+"-XX:AOTCache=$home/$cache.aot"} ${CULVERT_JAVA_OPTS:-} \
        -cp "$class_path" io.culvert.cli.Main "$@"
}
