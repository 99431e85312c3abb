package io.culvert.linux.systemd;

import io.culvert.linux.AbiProbe;
import io.culvert.linux.AbiRow;
import java.util.List;
import org.junit.jupiter.api.Test;

class SystemdAbiTest {

    private static final String[] HEADERS = {"sys/socket.h", "sys/un.h", "fcntl.h"};

    @Test
    void agreesWithTheHeaders() {
        AbiProbe.verify(List.of(
                AbiRow.constant("AF_UNIX", Notify.AF_UNIX, HEADERS),
                AbiRow.constant("SOCK_DGRAM", Notify.SOCK_DGRAM, HEADERS),
                AbiRow.constant("SOCK_CLOEXEC", Notify.SOCK_CLOEXEC, HEADERS),
                AbiRow.constant("MSG_NOSIGNAL", Notify.MSG_NOSIGNAL, HEADERS),
                AbiRow.offset("struct sockaddr_un", "sun_path", Notify.PATH, HEADERS),
                AbiRow.size("struct sockaddr_un", Notify.PATH + Notify.PATH_CAPACITY, HEADERS),
                AbiRow.constant("F_SETFD", ListenFds.F_SETFD, HEADERS),
                AbiRow.constant("FD_CLOEXEC", ListenFds.FD_CLOEXEC, HEADERS)));
    }
}
