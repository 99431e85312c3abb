package io.culvert.cli.iptunnel;

import io.culvert.control.ControlException;
import io.culvert.tunnel.TunnelSpec;
import java.util.List;

/** The running gateway, as this command needs it. */
public interface TunnelGateway {

    /** Its tunnels, in the order in which it tells them. */
    List<RunningTunnel> tunnels() throws ControlException;

    void add(TunnelSpec spec) throws ControlException;

    /** Replaces the parameters of the tunnel with that name that {@code ip tunnel} has words for; the others stay. */
    void change(TunnelSpec spec) throws ControlException;

    /** Replaces {@link TunnelSpec#sit()} of the tunnel with that name. */
    void changeSit(TunnelSpec spec) throws ControlException;

    void delete(String name) throws ControlException;
}
