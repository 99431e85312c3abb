package io.culvert.gateway;

/** What the gateway needs to know of devices it may have made itself. */
interface DeviceNames {

    /** Whether that interface index is one of the gateway's tunnels. */
    boolean isTunnel(int deviceIndex);
}
