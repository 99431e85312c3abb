package io.culvert.cli.iptunnel;

import io.culvert.control.ControlException;
import io.culvert.tunnel.L2tpTunnel;
import java.util.List;

/** The running gateway, as {@code l2tp} needs it: its tunnels are sessions here, and what they are in are tunnels. */
public interface L2tpGateway extends TunnelGateway {

    /** The tunnels of L2TPv3 that have an ID, by it. */
    List<L2tpTunnel> l2tpTunnels() throws ControlException;

    /** Adds a tunnel that has no session yet. */
    void addL2tpTunnel(L2tpTunnel tunnel) throws ControlException;

    /** Deletes a tunnel and all its sessions. */
    void deleteL2tpTunnel(int id) throws ControlException;
}
