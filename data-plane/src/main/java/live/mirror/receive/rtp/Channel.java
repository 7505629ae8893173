package live.mirror.receive.rtp;

/** What a datagram in an inbox is, by the socket it came through. */
enum Channel {
    MEDIA,
    RTCP,
    FEC_COLUMN,
    FEC_ROW
}
