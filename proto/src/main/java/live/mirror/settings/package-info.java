/**
 * Turns configuration texts into typed, bounded settings. Both planes read all of theirs once, at
 * the start, on the main thread; a wrong one stops the start with its name, what was found and what
 * is allowed.
 */
@NullMarked
package live.mirror.settings;

import org.jspecify.annotations.NullMarked;
