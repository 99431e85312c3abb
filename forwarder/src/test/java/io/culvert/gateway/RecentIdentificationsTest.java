package io.culvert.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RecentIdentificationsTest {

    @Test
    void holdThoseOfTheLastSeconds() {
        RecentIdentifications recent = new RecentIdentifications(0xfff0);
        recent.tick(0x1_0010);
        recent.tick(0x1_0020);

        assertThat(recent.contains(0xffef, 0x1_0030)).isFalse();
        assertThat(recent.contains(0xfff0, 0x1_0030)).isTrue();
        assertThat(recent.contains(0x0000, 0x1_0030)).isTrue();
        assertThat(recent.contains(0x002f, 0x1_0030)).isTrue();
        assertThat(recent.contains(0x0030, 0x1_0030)).isFalse();
        recent.tick(0x1_0030);
        recent.tick(0x1_0030);
        assertThat(recent.contains(0x000f, 0x1_0030)).isFalse();
        assertThat(recent.contains(0x0010, 0x1_0030)).isTrue();
    }

    @Test
    void areAllWhereAllWereUsed() {
        RecentIdentifications recent = new RecentIdentifications(7);

        assertThat(recent.contains(6, 7 + 65_535)).isFalse();
        assertThat(recent.contains(6, 7 + 65_536)).isTrue();
        assertThat(recent.contains(6, 7 + Integer.MIN_VALUE)).isTrue();
    }
}
