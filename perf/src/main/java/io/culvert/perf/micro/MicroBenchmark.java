package io.culvert.perf.micro;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How every benchmark is run: mean time of an operation, five JVMs, each with the gateway's flags and no others, whatever
 * flags the JVM that starts them has.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 5,
        jvmArgs = {
            "--enable-native-access=ALL-UNNAMED",
            "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
            "-XX:CompileCommand=quiet",
            "-XX:CompileCommand=dontinline,io.culvert.linux.SystemCalls::*",
            "-XX:CompileCommand=inline,jdk.internal.foreign.AbstractMemorySegmentImpl::*",
            "-XX:CompileCommand=inline,jdk.internal.foreign.abi.SharedUtils::checkNative",
            "-XX:CompileCommand=CompileThresholdScaling,io.culvert.linux.SystemCalls::*,0.05",
            "--sun-misc-unsafe-memory-access=allow", // JMH's own
            "-XX:+UseSerialGC",
            "-Xms64m",
            "-Xmx64m",
            "-XX:+AlwaysPreTouch",
            "-XX:+UseTransparentHugePages",
        })
@State(Scope.Thread)
public abstract class MicroBenchmark {}
