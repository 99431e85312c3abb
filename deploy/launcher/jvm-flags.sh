# Sourced by the launcher: the switches of the JVM that runs Culvert. The first two lines stand in the parent pom too.

# Native calls, and Agrona's access to memory.
CULVERT_FLAGS="--enable-native-access=ALL-UNNAMED --add-opens=java.base/jdk.internal.misc=ALL-UNNAMED"

# Inlined into a large method, a system call may allocate the object that its errno capture is sliced into.
CULVERT_FLAGS="$CULVERT_FLAGS -XX:CompileCommand=quiet -XX:CompileCommand=dontinline,io.culvert.linux.SystemCalls::*"

# One collector thread that never runs while packets flow: the path allocates nothing.
CULVERT_FLAGS="$CULVERT_FLAGS -XX:+UseSerialGC -XX:-UsePerfData"

if [ "${1:-}" = run ]; then
    # A heap that is there from the start, and neither grows nor shrinks.
    CULVERT_FLAGS="$CULVERT_FLAGS -Xms64m -Xmx64m -XX:+AlwaysPreTouch"
else
    # A command lives for a moment: it starts from the archive of the last one's classes.
    CULVERT_FLAGS="$CULVERT_FLAGS -Xshare:auto -XX:TieredStopAtLevel=1"
fi
