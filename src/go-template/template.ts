import { executeNodes } from './execute.ts'
import type { TemplateSource } from './failure.ts'
import type { TemplateFunctions } from './functions.ts'
import { parseNodes } from './parser.ts'
import type { Value } from './values.ts'

/** A template that has been read. */
export interface Template {
  /** Its text for one value, which is `.`; `instead` has other functions of the same names. Errors: TEMPLATE_VALUE. */
  execute(data: Value, instead?: TemplateFunctions): string
}

/** Reads a template in the language of Go's `text/template`. Errors: TEMPLATE_SYNTAX, with the place in the source. */
export function parseTemplate(source: TemplateSource, functions: TemplateFunctions): Template {
  const parsed = parseNodes(source, Object.keys(functions))
  return { execute: (data, instead = {}) => executeNodes(source, parsed, { ...functions, ...instead }, data) }
}
