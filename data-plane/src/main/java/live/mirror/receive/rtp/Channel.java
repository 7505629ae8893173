package live.mirror.receive.rtp;

/** What a datagram is, by the socket it came through. */
enum Channel {
    MEDIA,
    RTCP,
    FEC_COLUMN,
    FEC_ROW
}
