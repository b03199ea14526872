import type { Range } from '../../../diagnostics/index.ts'
import type { OriginRule, OriginStep, OverriddenOrigin, VariableOrigin } from '../../../model/index.ts'
import { escapeControls, quoted } from './path.ts'

/** What the rules mean, in words that follow a value. */
export const RULES: Readonly<Record<OriginRule, string>> = {
  'build-context': 'default: the folder of the project',
  'content-of-variable': 'content of the variable that environment names',
  'create-host-path': 'default of the short form: a missing folder is created',
  'default-network': 'default: a service without networks joins this one',
  'dependency-condition': 'default: a dependency is waited for until it is started',
  'dependency-required': 'default: a dependency must be there',
  'device-count': 'default: all devices',
  'device-permissions': 'default: read, write and mknod',
  'device-target': 'default: the same path as outside',
  dockerfile: 'default name in the build context',
  empty: 'nothing is said: the model has this part empty',
  'env-file': 'env_file',
  'env-file-required': 'default: the file has to be there',
  'external-name': 'default: an external resource has its own key as name',
  'image-command': "not said: the image's own",
  'implied-by-cgroup': 'implied by cgroup',
  'implied-by-ipc': 'implied by ipc',
  'implied-by-links': 'implied by links',
  'implied-by-network_mode': 'implied by network_mode',
  'implied-by-pid': 'implied by pid',
  'implied-by-uts': 'implied by uts',
  'implied-by-volumes_from': 'implied by volumes_from',
  'label-file': 'label_file',
  'mount-type': 'follows from the source: a path is a bind, a name is a volume',
  'pass-through': 'written without a value: taken from the environment',
  'port-mode': 'default',
  'port-protocol': 'default',
  'project-folder': "the project's folder, as nothing names the project",
  'project-name': 'given by --project-name or COMPOSE_PROJECT_NAME',
  'replicas-of-scale': 'from scale, which says the same',
  'resource-name': 'made of the name of the project and the key',
  'secret-target': 'default: the folder of secrets',
  'ulimit-part': 'not said: 0',
}

/** How texts are shown: paths relative to a folder, long values cut or not. */
export interface Wording {
  readonly relative: (file: string) => string
  readonly cut: (text: string) => string
}

/** `compose.yaml:4:12` */
export function placeText({ file, start }: Range, { relative }: Wording): string {
  return `${relative(file)}:${start.line}:${start.column}`
}

/** A plain value in one line: texts that could be taken for something else are quoted. */
export function valueText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  const isPlain = /^[^\s"'[\]{},#&*!|>%@`-][^\n]*$/.test(value) && !/\s$|: |[\p{Cc}\u2028\u2029]/u.test(value)
  const isOther = /^(?:true|false|null|~|[-+.]?[0-9][0-9_.]*(?:[eE][-+]?[0-9]+)?)$/i.test(value)
  return isPlain && !isOther ? value : quoted(value)
}

/** Text as a file has it, in one line. */
export function writtenText(text: string): string {
  return escapeControls(text.trim().replace(/\s+/g, ' '))
}

/** `TAG=2 from .env:3`, `TAG is not set: default 1`. */
export function variableText(variable: VariableOrigin, wording: Wording): string {
  const { name, value = '', used, text = '' } = variable
  const made = wording.cut(valueText(text))
  if (variable.source === 'unset')
    return used === 'default' ? `${name} is not set: default ${made}` : `${name} is not set`
  const from = sourceText(variable, wording)
  if (used === 'default') return `${name} is blank ${from}: default ${made}`
  if (used === 'alternate') return `${name} is set ${from}: ${made} instead`
  return `${name}=${wording.cut(valueText(value))} ${from}`
}

function sourceText({ source, range }: VariableOrigin, { relative }: Wording): string {
  const place = range ? `${relative(range.file)}:${range.start.line}` : undefined
  if (source === 'project-name') return 'by the name of the project'
  if (source === 'service') return `from environment of the service${place ? `, ${place}` : ''}`
  return place ? `from ${place}` : 'from the environment'
}

/** `by extends of base in common.yaml, compose.yaml:4:5` */
export function stepText(step: OriginStep, wording: Wording): string {
  const at = step.range ? `, ${placeText(step.range, wording)}` : ''
  switch (step.kind) {
    case 'include':
      return `by include of ${wording.relative(step.file)}${at}`
    case 'extends':
      return `by extends of ${step.service} in ${wording.relative(step.file)}${at}`
    case 'alias':
      return `by ${step.merge ? '<<: ' : ''}*${step.name}${at}`
  }
}

/** `1 at compose.yaml:4:5` */
export function overriddenText(origin: OverriddenOrigin, wording: Wording): string {
  const place = origin.range ? ` at ${placeText(origin.range, wording)}` : ''
  const rule = origin.rule ? ` (${RULES[origin.rule]})` : ''
  const steps = origin.through.map(step => ` ${stepText(step, wording)}`).join('')
  return `${wording.cut(valueText(origin.value))}${place}${steps}${rule}`
}
