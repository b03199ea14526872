/** The one tar: archives are read, written, packed and unpacked here, and nowhere else. */
export { harmless, withoutDevices, withoutWhiteouts } from './check.ts'
export { isTarArchive, isTarStart } from './compression.ts'
export { encodeHeader, endOfArchive, padding } from './encode.ts'
export { TarEncoder } from './encode-stream.ts'
export { plainEntry, type TarEntry, type TarType } from './entry.ts'
export { type ExtractOptions, extractTar } from './extract.ts'
export { unreadable } from './failure.ts'
export { goPatternSource } from './go-pattern.ts'
export { type IgnoreRules, ignorePatterns, ignoreRules } from './ignore.ts'
export type { TarLimits } from './limits.ts'
export { type PackedEntry, packTar } from './pack.ts'
export { type ReadEntry, readTar } from './read.ts'
export type { HoldableSource, TreeSink } from './sink.ts'
export {
  deviceOf,
  entryAt,
  FileNames,
  specialType,
  type WalkChoice,
  type WalkedEntry,
  walkFolder,
} from './walk.ts'
