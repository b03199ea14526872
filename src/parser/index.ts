export type {
  FileSystem,
  LoadInput,
  LoadOptions,
  LoadResult,
  OpenOptions,
  SourceFile,
} from './contract.ts'
export { openProject } from './files/open.ts'
export { type Variable, variablesOf } from './interpolate/variables.ts'
export { load } from './load.ts'
