package io.culvert.it;

import static io.culvert.it.InteropRow.Inner.IPV4;
import static io.culvert.it.InteropRow.Inner.IPV6;
import static io.culvert.it.InteropRow.Peer.IP_LINK;
import static io.culvert.it.InteropRow.Peer.IP_TUNNEL;

import java.util.List;

/** Every tunnel that Linux's own kernel is the other end of: a line each. */
final class InteropRows {

    private InteropRows() {}

    static final List<InteropRow> LINUX = List.of(
            new InteropRow("ipip", "", IP_TUNNEL, IPV4),
            new InteropRow("ipip", "ttl 64", IP_TUNNEL, IPV4),
            new InteropRow("ipip", "tos inherit", IP_TUNNEL, IPV4),
            new InteropRow("ipip", "ttl 255 tos 0x10", IP_LINK, IPV4),
            new InteropRow("ipip", "nopmtudisc", IP_TUNNEL, IPV4),
            new InteropRow("gre", "", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "key 7", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "ikey 7 okey 4294967295", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "ikey 9", IP_LINK, IPV4, IPV6),
            new InteropRow("gre", "csum", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "icsum", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "ocsum", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "seq", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "iseq", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "oseq", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "key 7 csum seq", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "ttl 64 tos inherit", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "key 7 ttl 3 tos inherit/0x10", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "nopmtudisc", IP_LINK, IPV4, IPV6),
            new InteropRow("sit", "", IP_TUNNEL, IPV6),
            new InteropRow("sit", "ttl 64 tos 0x10", IP_TUNNEL, IPV6),
            new InteropRow("sit", "tos inherit", IP_LINK, IPV6),
            new InteropRow("sit", "nopmtudisc", IP_TUNNEL, IPV6));
}
