package io.culvert.gateway;

/** Why an ICMP error about an outer packet is not believed, or changes nothing. */
enum ErrorRefusal {
    MALFORMED("malformed", "it is malformed, or quotes too little"),
    FROM_TUNNEL("from-tunnel", "it came through a tunnel"),
    NO_TUNNEL("no-tunnel", "no tunnel sends packets like the one that it quotes"),
    NOT_SENT("not-sent", "it quotes an identification that was not sent lately"),
    NO_NEWS("no-news", "the path MTU that it tells is none, or not below the present one"),
    RATE_LIMIT("rate-limit", "too many came in one second");

    private final String word;
    private final String text;

    ErrorRefusal(String word, String text) {
        this.word = word;
        this.text = text;
    }

    /** Its name in counters. */
    String word() {
        return word;
    }

    /** What it means. */
    String text() {
        return text;
    }
}
