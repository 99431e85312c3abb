package io.culvert.perf.load;

import io.culvert.lab.Host;
import io.culvert.lab.LabException;
import io.culvert.lab.TcpTransfer;
import io.culvert.perf.peer.Bed;
import io.culvert.perf.peer.OuterFormat;
import io.culvert.perf.peer.WireLook;
import java.net.InetAddress;
import java.time.Duration;

/** The proof that must come with a figure: bytes through the peer arrive as they were, and cross the link in its tunnel. */
public final class CheckedTcp {

    private static final long BYTES = 8 << 20;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private CheckedTcp() {}

    /**
     * Sends some megabytes and looks at the link meanwhile.
     *
     * @return what was seen on the link
     * @throws NotCountedException if a byte is not what it was, or a packet not in the tunnel
     * @throws LabException if the transfer itself fails
     */
    public static WireLook.Seen prove(Bed bed) {
        OuterFormat format = bed.peer().format();
        Host from = bed.left();
        InetAddress to = bed.ends().right();
        try (WireLook look = WireLook.start(from, format)) {
            TcpTransfer.Result transfer = TcpTransfer.checked(from, bed.right(), to, BYTES, TIMEOUT);
            WireLook.Seen seen = look.stop();
            if (transfer.bytes() != BYTES
                    || transfer.sent() == null
                    || !transfer.sent().equals(transfer.received())) {
                throw new NotCountedException(
                        transfer.bytes() + " of " + BYTES + " bytes arrived, or not as they were");
            }
            String doubt = seen.doubt(format, BYTES);
            if (!doubt.isEmpty()) {
                throw new NotCountedException(doubt);
            }
            return seen;
        }
    }
}
