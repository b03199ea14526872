/** How sizes, durations, moments and switches are written, each read and written in one place. */

export { approximateBytes, parseBytes } from './bytes.ts'
export { approximateDuration, formatDuration, parseDuration, parseLongDuration } from './duration.ts'
export { parseMoment } from './moment.ts'
export { parseSwitch } from './switch.ts'
