import { evaluate, TemplateError } from './interpolate/template.ts'
import type { Lookup, Scope } from './scope.ts'
import { child, textOf } from './tree/node.ts'
import type { Source } from './tree/source.ts'

/** What may name the project, strongest first. */
export interface NameInput {
  /** -p or COMPOSE_PROJECT_NAME: taken as it is, or refused. */
  readonly given: string | undefined
  readonly files: readonly Source[]
  /** Its name is the last resort. */
  readonly folder: string
  readonly instance?: string | undefined
}

const VALID = /^[a-z0-9][a-z0-9_-]*$/

/** The name of an instance of a project: other tools take it for one like any other. */
export function instanceName(project: string, instance: string | undefined): string {
  return instance ? `${project}-${instance}` : project
}

/** The project's name with that of the instance at its end. */
export function projectName(input: NameInput, lookup: Lookup, scope: Scope): string {
  const { instance } = input
  if (instance && !VALID.test(instance))
    scope.reporter.error(
      'INVALID_PROJECT_NAME',
      `write the name of an instance of lower-case letters, digits, - and _, got "${instance}"`,
      { hint: `use "${fitName(instance) || 'one'}"` },
    )
  return instanceName(commonName(input, lookup, scope), instance)
}

/** The name of all instances: given, or the last `name:` of the files, or the folder's; the last two are made to fit. */
function commonName(input: NameInput, lookup: Lookup, scope: Scope): string {
  const { given } = input
  if (given !== undefined && given !== '') {
    if (!VALID.test(given))
      scope.reporter.error(
        'INVALID_PROJECT_NAME',
        `write a project name of lower-case letters, digits, - and _, got "${given}"`,
        {
          hint: `use "${fitName(given) || 'project'}"`,
        },
      )
    return given
  }
  const written = lastName(input.files, lookup, scope)
  if (written === '') {
    scope.reporter.error('INVALID_PROJECT_NAME', 'write a project name, got an empty one', {
      path: ['name'],
      hint: 'a variable in name: is blank',
    })
    return fitName(lastPart(input.folder))
  }
  const name = fitName(written ?? lastPart(input.folder))
  if (name === '')
    scope.reporter.error(
      'INVALID_PROJECT_NAME',
      'name the project: neither name: nor the folder gives a name',
      {
        hint: 'use --project-name or the top-level name:',
      },
    )
  return name
}

function lastPart(folder: string): string {
  return folder.split('/').findLast(part => part !== '') ?? ''
}

/** Lower case, other characters dropped, no leading - or _. */
export function fitName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '')
}

function lastName(files: readonly Source[], lookup: Lookup, scope: Scope): string | undefined {
  let found: string | undefined
  for (const file of files)
    for (const document of scope.parse(file)) {
      const text = textOf(child(document, 'name'))
      if (text) found = scope.options.interpolate === false ? text : interpolated(text, lookup)
    }
  return found
}

/** A name that cannot be interpolated is reported by the pipeline, at its place. */
function interpolated(text: string, lookup: Lookup): string | undefined {
  try {
    return evaluate(text, { lookup })
  } catch (error) {
    if (error instanceof TemplateError) return undefined
    throw error
  }
}
