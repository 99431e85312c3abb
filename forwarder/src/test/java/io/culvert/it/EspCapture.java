package io.culvert.it;

import io.culvert.esp.EspTransform;
import io.culvert.esp.KeyFiles;
import io.culvert.testing.Judges;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What tshark says of captured ESP packets, which it decrypts with the keys of {@link KeyFiles}. */
final class EspCapture {

    private EspCapture() {}

    /** A line a packet, with these fields of tshark's separated by tabs. */
    static List<String> fields(Path capture, EspTransform transform, List<Integer> spis, String... fields) {
        Judges.requireTool("tshark", "tshark");
        List<String> command = new ArrayList<>(List.of(
                "tshark",
                "-n",
                "-r",
                capture.toString(),
                "-o",
                "esp.enable_encryption_decode:TRUE",
                "-o",
                "tcp.check_checksum:TRUE"));
        for (int spi : spis) {
            command.addAll(List.of("-o", "uat:esp_sa:" + key(transform, spi)));
        }
        command.addAll(List.of("-T", "fields"));
        for (String field : fields) {
            command.addAll(List.of("-e", field));
        }
        return Judges.run(command);
    }

    private static String key(EspTransform transform, int spi) {
        String algorithm = switch (transform) {
            case AES_GCM -> "AES-GCM with 16 octet ICV [RFC4106]";
            case CHACHA20_POLY1305 -> throw new IllegalArgumentException("tshark does not know " + transform);
            case AES_CBC_HMAC_SHA256 -> "AES-CBC [RFC3602]";
            case NULL_HMAC_SHA256 -> "NULL";
        };
        String encryptionKey = transform.encrypts()
                ? "0x" + KeyFiles.key(transform.keyFileLengths().getLast())
                : "";
        String authentication = transform.isAead() ? "NULL" : "HMAC-SHA-256-128 [RFC4868]";
        String authenticationKey = transform.isAead() ? "" : "0x" + KeyFiles.key(32);
        return String.join(
                ",",
                "\"IPv4\"",
                "\"*\"",
                "\"*\"",
                "\"0x" + Integer.toHexString(spi) + "\"",
                "\"" + algorithm + "\"",
                "\"" + encryptionKey + "\"",
                "\"" + authentication + "\"",
                "\"" + authenticationKey + "\"");
    }
}
