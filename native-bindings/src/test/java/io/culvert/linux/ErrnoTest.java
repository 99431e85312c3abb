package io.culvert.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import org.junit.jupiter.api.Test;

class ErrnoTest {

    @Test
    void namesAndExplainsEveryNumber() {
        List<AbiRow> constants = AbiRow.constantsOf(Errno.class);

        assertThat(constants).isNotEmpty().allSatisfy(constant -> {
            assertThat(Errno.name((int) constant.value())).isEqualTo(constant.name());
            assertThat(Errno.message((int) constant.value())).isNotEqualTo("unknown error");
        });
        assertThat(Errno.name(4000)).isEqualTo("errno 4000");
        assertThat(Errno.message(4000)).isEqualTo("unknown error");
    }

    @Test
    @SuppressWarnings("restricted")
    void explainsNumbersInTheWordsOfLibc() throws Throwable {
        Linker linker = Linker.nativeLinker();
        MethodHandle strerror = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("strerror"), FunctionDescriptor.of(ADDRESS, JAVA_INT));
        for (AbiRow constant : AbiRow.constantsOf(Errno.class)) {
            MemorySegment text = (MemorySegment) strerror.invokeExact((int) constant.value());
            assertThat(Errno.message((int) constant.value()))
                    .as(constant.name())
                    .isEqualTo(text.reinterpret(256).getString(0));
        }
    }

    @Test
    void exceptionNamesCallErrorAndRemedy() {
        assertThat(new ErrnoException("ioctl(TUNSETIFF, gre1)", Errno.EPERM, "needs CAP_NET_ADMIN"))
                .hasMessage("ioctl(TUNSETIFF, gre1): EPERM (Operation not permitted): needs CAP_NET_ADMIN");
        assertThat(ErrnoException.check(3, "read")).isEqualTo(3);
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> ErrnoException.check(-Errno.EIO, "read"))
                .withMessage("read: EIO (Input/output error)")
                .satisfies(failed -> assertThat(failed.errno()).isEqualTo(Errno.EIO));
    }
}
