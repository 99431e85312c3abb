package io.culvert.testing;

import java.util.HexFormat;

/** Bytes as hexadecimal text, with blanks wherever they help to read. */
public final class Hex {
    private Hex() {}

    public static byte[] bytes(String text) {
        return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }

    public static String text(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
