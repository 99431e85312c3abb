package io.culvert.linux;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AbiTest {

    private static final String[] HEADERS = {
        "sys/mman.h",
        "sys/epoll.h",
        "sys/eventfd.h",
        "poll.h",
        "sys/socket.h",
        "net/if.h",
        "linux/sockios.h",
        "linux/ethtool.h"
    };

    @Test
    void agreesWithTheHeaders() {
        List<AbiRow> rows = new ArrayList<>(AbiRow.constantsOf(Abi.class, HEADERS));
        rows.add(AbiRow.size("struct epoll_event", Epoll.EVENT_SIZE, HEADERS));
        rows.add(AbiRow.offset("struct epoll_event", "events", Epoll.EVENT_EVENTS, HEADERS));
        rows.add(AbiRow.offset("struct epoll_event", "data", Epoll.EVENT_DATA, HEADERS));
        rows.add(AbiRow.size("struct pollfd", Poll.MEMORY, HEADERS));
        rows.add(AbiRow.offset("struct pollfd", "fd", Poll.POLLFD_FD, HEADERS));
        rows.add(AbiRow.offset("struct pollfd", "events", Poll.POLLFD_EVENTS, HEADERS));
        rows.add(AbiRow.offset("struct pollfd", "revents", Poll.POLLFD_REVENTS, HEADERS));
        rows.add(AbiRow.size("struct ifreq", Ethtool.REQUEST_SIZE, HEADERS));
        rows.add(AbiRow.offset("struct ifreq", "ifr_data", Ethtool.REQUEST_DATA, HEADERS));
        rows.add(AbiRow.size("struct ethtool_value", Ethtool.VALUE_SIZE, HEADERS));
        rows.add(AbiRow.offset("struct ethtool_value", "data", Ethtool.VALUE_DATA, HEADERS));
        rows.add(new AbiRow("Poll takes Epoll's IN", "POLLIN", List.of(HEADERS), Epoll.IN));
        rows.add(new AbiRow("Poll takes Epoll's OUT", "POLLOUT", List.of(HEADERS), Epoll.OUT));
        rows.add(new AbiRow("Poll gives Epoll's ERR", "POLLERR", List.of(HEADERS), Epoll.ERR));
        rows.add(new AbiRow("Poll gives Epoll's HUP", "POLLHUP", List.of(HEADERS), Epoll.HUP));
        AbiProbe.verify(rows);
    }

    @Test
    void numbersErrorsAsTheHeadersDo() {
        AbiProbe.verify(AbiRow.constantsOf(Errno.class, "errno.h"));
    }
}
