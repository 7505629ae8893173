package live.mirror.bench;

/** So many streams of so many megabits per second, each to so many readers. */
record PathLoad(int streams, int mbps, int readers) {

    static final int MESSAGE_BYTES = 1_316;

    static PathLoad parse(String text) {
        String[] parts = text.split("x", -1);
        if (parts.length < 2 || parts.length > 3) {
            throw new IllegalArgumentException(
                    "`" + text + "': STREAMSxMBPS or STREAMSxMBPSxPACKAGERS is wanted");
        }
        return new PathLoad(
                Integer.parseInt(parts[0]),
                Integer.parseInt(parts[1]),
                parts.length == 2 ? 1 : Integer.parseInt(parts[2]));
    }

    /** Messages that all readers together get in so many seconds. */
    double messages(int seconds) {
        return (double) streams * readers * mbps * 1e6 / 8 / MESSAGE_BYTES * seconds;
    }

    /** What that is in gigabytes. */
    double gigabytes(int seconds) {
        return messages(seconds) * MESSAGE_BYTES / 1e9;
    }
}
