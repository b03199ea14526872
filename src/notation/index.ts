/** How sizes, durations, moments, ports, signals and switches are written, each read and written in one place. */

export { approximateBytes, binaryBytes, decimalBytes, parseBytes, shortBytes, storageBytes } from './bytes.ts'
export { approximateDuration, formatDuration, parseDuration, parseLongDuration } from './duration.ts'
export { ambiguousEgress, EGRESS_FORM, type EgressRule, egressBeyond, parseEgress } from './egress.ts'
export {
  isLaterThan,
  parseInstant,
  parseMoment,
  parseTimestamp,
  parseUnixSeconds,
  unixSeconds,
} from './moment.ts'
export { expandPorts, type PortRange, parsePort, parsePortRange } from './port-range.ts'
export { PROBE_FORMS, PROBE_KINDS, type Probe, parseProbe } from './probe.ts'
export { quotedCharacter, quotedText } from './quoted.ts'
export { parseSignalName, signalName } from './signal.ts'
export { parseSwitch } from './switch.ts'
export { emitYaml } from './yaml/emit.ts'
