package io.culvert.icmp;

import io.culvert.wire.Icmpv4Flyweight;
import io.culvert.wire.Icmpv6Flyweight;

/** What an ICMP error says of an outer packet, over either IP version. */
public enum ErrorKind {
    /** IPv4 3/4, IPv6 2/0. */
    TOO_BIG("too-big"),
    /** The other codes of destination unreachable. */
    UNREACHABLE("unreachable"),
    TIME_EXCEEDED("time-exceeded"),
    PARAMETER_PROBLEM("parameter-problem"),
    /** Source quench, redirect, and what is not assigned. */
    OTHER("other");

    /** How many there are. */
    public static final int COUNT = values().length;

    private final String word;

    ErrorKind(String word) {
        this.word = word;
    }

    /** Its name in counters. */
    public String word() {
        return word;
    }

    static ErrorKind ofIpv4(int type, int code) {
        return switch (type) {
            case Icmpv4Flyweight.DESTINATION_UNREACHABLE ->
                code == Icmpv4Flyweight.FRAGMENTATION_NEEDED ? TOO_BIG : UNREACHABLE;
            case Icmpv4Flyweight.TIME_EXCEEDED -> TIME_EXCEEDED;
            case Icmpv4Flyweight.PARAMETER_PROBLEM -> PARAMETER_PROBLEM;
            default -> OTHER;
        };
    }

    static ErrorKind ofIpv6(int type) {
        return switch (type) {
            case Icmpv6Flyweight.DESTINATION_UNREACHABLE -> UNREACHABLE;
            case Icmpv6Flyweight.PACKET_TOO_BIG -> TOO_BIG;
            case Icmpv6Flyweight.TIME_EXCEEDED -> TIME_EXCEEDED;
            case Icmpv6Flyweight.PARAMETER_PROBLEM -> PARAMETER_PROBLEM;
            default -> OTHER;
        };
    }
}
