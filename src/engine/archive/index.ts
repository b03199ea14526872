/** Files of a container as tar streams, in and out (`docker cp`, secrets and configs of Compose). */
export { exportRoot, getArchive } from './get.ts'
export { putArchive } from './put.ts'
export { statInImage, statPath } from './stat.ts'
