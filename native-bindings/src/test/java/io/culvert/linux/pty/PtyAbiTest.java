package io.culvert.linux.pty;

import io.culvert.linux.AbiProbe;
import io.culvert.linux.AbiRow;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PtyAbiTest {

    private static final String[] HEADERS = {"fcntl.h", "asm/ioctls.h", "asm/termbits.h"};

    @Test
    void agreesWithTheHeaders() {
        List<AbiRow> rows = new ArrayList<>(AbiRow.constantsOf(Abi.class, HEADERS));
        rows.add(AbiRow.size("struct termios", PseudoTerminal.TERMIOS_SIZE, HEADERS));
        rows.add(AbiRow.offset("struct termios", "c_iflag", PseudoTerminal.TERMIOS_IFLAG, HEADERS));
        rows.add(AbiRow.offset("struct termios", "c_oflag", PseudoTerminal.TERMIOS_OFLAG, HEADERS));
        rows.add(AbiRow.offset("struct termios", "c_cflag", PseudoTerminal.TERMIOS_CFLAG, HEADERS));
        rows.add(AbiRow.offset("struct termios", "c_lflag", PseudoTerminal.TERMIOS_LFLAG, HEADERS));
        rows.add(AbiRow.offset("struct termios", "c_cc", PseudoTerminal.TERMIOS_CC, HEADERS));
        AbiProbe.verify(rows);
    }
}
