package io.culvert.cli;

/**
 * Emphasis for people's eyes.
 *
 * @param isOn whether the terminal shows it
 */
record Style(boolean isOn) {

    String bold(String text) {
        return isOn ? "\u001b[1m" + text + "\u001b[0m" : text;
    }

    String title(String text) {
        return isOn ? "\u001b[1;32m" + text + "\u001b[0m" : text;
    }
}
