export type {
  FileSystem,
  LoadInput,
  LoadOptions,
  LoadResult,
  OpenOptions,
  RemoteFile,
  RemoteLoader,
  RemoteLookup,
  RemoteProblem,
  SourceFile,
} from './contract.ts'
export { FILE_NAMES } from './files/discover.ts'
export { openProject } from './files/open.ts'
export { openRemoteProject } from './files/open-remote.ts'
export { type Variable, variablesOf } from './interpolate/variables.ts'
export { load } from './load.ts'
export {
  type GitReference,
  type OciReference,
  parseRemote,
  type RemoteReference,
} from './remote/reference.ts'
