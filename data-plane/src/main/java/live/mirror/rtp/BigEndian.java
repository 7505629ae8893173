package live.mirror.rtp;

/** Numbers in network byte order inside a byte array. */
public final class BigEndian {

    private BigEndian() {}

    /** 16 bits, unsigned. */
    public static int u16(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
    }

    /** 24 bits, unsigned. */
    public static int u24(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 16 | u16(bytes, at + 1);
    }

    /** 24 bits, signed. */
    public static int i24(byte[] bytes, int at) {
        return bytes[at] << 16 | u16(bytes, at + 1);
    }

    /** 32 bits. */
    public static int i32(byte[] bytes, int at) {
        return u16(bytes, at) << 16 | u16(bytes, at + 2);
    }

    /** 32 bits, unsigned. */
    public static long u32(byte[] bytes, int at) {
        return i32(bytes, at) & 0xffff_ffffL;
    }

    /** 64 bits. */
    public static long i64(byte[] bytes, int at) {
        return u32(bytes, at) << 32 | u32(bytes, at + 4);
    }

    /** Writes 16 bits. */
    public static void put16(byte[] bytes, int at, int value) {
        bytes[at] = (byte) (value >> 8);
        bytes[at + 1] = (byte) value;
    }

    /** Writes 32 bits. */
    public static void put32(byte[] bytes, int at, int value) {
        put16(bytes, at, value >>> 16);
        put16(bytes, at + 2, value);
    }
}
