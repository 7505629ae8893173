package live.mirror.control.connection;

/** Why we ended a connection, or never began one. */
public enum Ending {

    /** The peer did not send a whole request, or its part of a handshake, in time. */
    LATE,

    /** The peer took nothing of an answer in time. */
    STALLED,

    /** There was no request for a long time. */
    IDLE,

    /** It waited for its peer when a new connection needed its place. */
    DISPLACED,

    /** A new connection found every place taken by somebody who is being served. */
    REFUSED
}
