package io.culvert.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class CpuTest {

    @Test
    void bindsTheCallingThreadOnly() throws Exception {
        int[] before = Cpu.allowed();
        int last = before[before.length - 1];

        String inThread = inThread(() -> {
            Cpu.pin(last);
            assertThat(Cpu.allowed()).containsExactly(last);
            return taskset(Cpu.threadId());
        });

        assertThat(inThread).isEqualTo(Integer.toString(last));
        assertThat(Cpu.allowed()).containsExactly(before);
    }

    @Test
    void allowsWhatTasksetSays() {
        String ours = Arrays.toString(Cpu.allowed()).replaceAll("[\\[\\] ]", "");

        assertThat(expandRanges(taskset(Cpu.threadId()))).isEqualTo(ours);
    }

    @Test
    void bindsToSeveral() throws Exception {
        int[] all = Cpu.allowed();

        inThread(() -> {
            Cpu.pin(all[0]);
            Cpu.pin(all);
            assertThat(Cpu.allowed()).containsExactly(all);
            return all;
        });
    }

    @Test
    void tellsTheThreadNumber() throws Exception {
        String name = inThread(() -> {
            Thread.currentThread().setName("cpu-test");
            return Files.readString(Path.of("/proc/self/task/" + Cpu.threadId() + "/comm"));
        });

        assertThat(name).isEqualTo("cpu-test\n");
    }

    @Test
    void agreesWithTheHeaders() {
        AbiProbe.verify(List.of(AbiRow.constant("SYS_gettid", Cpu.SYS_GETTID, "sys/syscall.h")));
    }

    @Test
    void namesTheProcessorsThatThereAre() {
        assertThatThrownBy(() -> Cpu.pin(8191))
                .isInstanceOf(ErrnoException.class)
                .hasMessageContaining("8191")
                .hasMessageContaining("EINVAL")
                .hasMessageContaining("may run on processors " + Arrays.toString(Cpu.allowed()));
    }

    @Test
    void refusesImpossibleNumbers() {
        for (int[] cpus : List.of(new int[] {-1}, new int[] {8192}, new int[0])) {
            assertThatThrownBy(() -> Cpu.pin(cpus)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static String taskset(int threadId) {
        String output = Commands.run("taskset", "-cp", Integer.toString(threadId));
        return output.substring(output.lastIndexOf(':') + 1).trim();
    }

    /** Makes {@code 0,1,2} of {@code 0-2}. */
    private static String expandRanges(String list) {
        StringBuilder expanded = new StringBuilder();
        for (String range : list.split(",", -1)) {
            int dash = range.indexOf('-');
            int first = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
            int last = Integer.parseInt(range.substring(dash + 1));
            for (int cpu = first; cpu <= last; cpu++) {
                expanded.append(expanded.isEmpty() ? "" : ",").append(cpu);
            }
        }
        return expanded.toString();
    }

    private static <T> T inThread(Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().start(task);
        return task.get();
    }
}
