package io.culvert.it;

import io.culvert.esp.EspTransform;
import io.culvert.esp.KeyFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a vti tunnel between a gateway and Linux is protected: one security association each way.
 *
 * @param transform the algorithms
 * @param keyLength bytes of the cipher's key, its salt included
 * @param esn whether sequence numbers have 64 bits
 * @param replayWindow in packets, at both ends
 */
record InteropSa(EspTransform transform, int keyLength, boolean esn, int replayWindow) {

    private static final int OUR_SPI = 0x1001;
    private static final int THEIR_SPI = 0x2002;
    private static final int AUTHENTICATION_KEY_LENGTH = 32;
    private static final int ICV_BITS = 8 * EspTransform.ICV_LENGTH;

    /** Puts our ends into {@code [[tunnel.sa]]}, their keys into files in that directory. */
    void put(ObjectNode tunnel, Path directory) {
        put(tunnel.withArray("sa").addObject(), "out", OUR_SPI, directory);
        put(tunnel.withArray("sa").addObject(), "in", THEIR_SPI, directory);
    }

    private void put(ObjectNode sa, String direction, int spi, Path directory) {
        sa.put("direction", direction).put("spi", spi).put("esn", esn).put("replay-window", replayWindow);
        if (transform.isAead()) {
            sa.put("aead", transform.algorithm());
        } else {
            sa.put("enc", transform.algorithm()).put("auth-trunc", Objects.requireNonNull(transform.authentication()));
            sa.put("auth-key-file", keyFile(directory, authenticationKey(spi)));
        }
        if (transform.encrypts()) {
            sa.put("key-file", keyFile(directory, key(spi)));
        }
    }

    private static String keyFile(Path directory, String key) {
        return KeyFiles.write(directory, key, "rw-------").toString();
    }

    private String key(int spi) {
        return keyLength == 0 ? "" : KeyFiles.key(keyLength, spi);
    }

    private static String authenticationKey(int spi) {
        return KeyFiles.key(AUTHENTICATION_KEY_LENGTH, spi);
    }

    /**
     * Command lines for Linux's end. Its device's MTU leaves no room for ESP by itself.
     *
     * @param local Linux's outer address
     * @param remote the gateway's outer address
     * @param ikey mark of what Linux receives
     * @param okey mark of what Linux sends
     */
    List<String> commands(String local, String remote, String ikey, String okey) {
        List<String> commands = new ArrayList<>();
        commands.add("ip link set dev " + InteropRow.DEVICE + " mtu 1400");
        commands.add(state(remote, local, OUR_SPI, ikey));
        commands.add(state(local, remote, THEIR_SPI, okey));
        for (String any : List.of("0.0.0.0/0", "::/0")) {
            commands.add(policy("in", any, ikey, remote, local));
            commands.add(policy("out", any, okey, local, remote));
        }
        return commands;
    }

    /** By af-unspec it takes inner packets of both families. */
    private String state(String source, String destination, int spi, String mark) {
        String algorithms = transform.isAead()
                ? "aead '" + transform.algorithm() + "' 0x" + key(spi) + " " + ICV_BITS
                : "enc '" + transform.algorithm() + "' '" + (transform.encrypts() ? "0x" + key(spi) : "")
                        + "' auth-trunc '" + transform.authentication() + "' 0x" + authenticationKey(spi) + " "
                        + ICV_BITS;
        return "ip xfrm state add src " + source + " dst " + destination + " proto esp spi " + spi
                + " reqid 1 mode tunnel mark " + mark + " replay-window " + replayWindow + " flag af-unspec "
                + (esn ? "esn " : "")
                + algorithms;
    }

    private static String policy(String direction, String inner, String mark, String source, String destination) {
        return "ip xfrm policy add src " + inner + " dst " + inner + " dir " + direction + " mark " + mark
                + " tmpl src " + source + " dst " + destination + " proto esp reqid 1 mode tunnel";
    }

    @Override
    public String toString() {
        return transform.algorithm() + ", key of " + keyLength + " B, " + (esn ? "esn, " : "") + "replay-window "
                + replayWindow;
    }
}
