/** Templates in the language of Go's `text/template`, as Docker's `--format` takes them. */

export { DOCKER_FUNCTIONS, HEADER_FUNCTIONS } from './docker-functions.ts'
export { GO_FUNCTIONS } from './functions.ts'
export { parseTemplate } from './template.ts'
