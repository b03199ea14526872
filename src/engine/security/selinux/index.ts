/** Labels of SELinux: what a machine gives containers, and which ones a container has. */
export { type FoundSELinux, openSELinux, type SELinux } from './kernel.ts'
export { decideLabels, type LabelRequest, type Labels, levelIn, sharedLabel } from './labels.ts'
export { freeLevel } from './levels.ts'
export { checkRelabelled } from './system-paths.ts'
