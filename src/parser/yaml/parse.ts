import { isScalar, type ParsedNode, parseAllDocuments, type YAMLError } from 'yaml'
import type { Reporter } from '../reporter.ts'
import type { Node } from '../tree/node.ts'
import type { Source, Span } from '../tree/source.ts'
import { Converter } from './convert.ts'

const OPTIONS = {
  schema: 'failsafe',
  resolveKnownTags: false,
  uniqueKeys: false,
  merge: false,
  prettyErrors: false,
  logLevel: 'silent',
  stringKeys: false,
} as const

const SYNTAX_HINTS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces, YAML does not allow tabs there',
  BAD_INDENT: 'align this line with its siblings',
  BAD_SCALAR_START: 'quote the value',
  MISSING_CHAR: 'close the quote or bracket, or add the missing `:`',
  BLOCK_AS_IMPLICIT_KEY: 'check the indentation, or quote a value that contains `: `',
  MULTILINE_IMPLICIT_KEY: 'check for a missing `:` after the key, or a value that continues on this line',
  BAD_ALIAS: 'define the anchor with & before it is used with *',
}

/** The documents of a YAML text as trees; empty documents are left out. Reports what is wrong and returns what is usable. */
export function parseYaml(source: Source, reporter: Reporter): Node[] {
  const documents: Node[] = []
  try {
    for (const document of parseAllDocuments<ParsedNode>(source.text, OPTIONS)) {
      const [error] = document.errors
      if (error) {
        reportSyntax(error, source, reporter)
        return []
      }
      const contents = document.contents
      if (contents === null || (isScalar(contents) && contents.source === '')) continue
      documents.push(new Converter(source, reporter).convert(contents))
    }
  } catch (error) {
    // The parser recurses once a level: a stack that overflows is a file that nests too deeply.
    if (!(error instanceof RangeError)) throw error
    reporter.error('YAML_TOO_DEEP', 'nest less deeply: the file has too many levels', {
      span: wholeOf(source),
    })
    return []
  }
  return documents
}

function reportSyntax(error: YAMLError, source: Source, reporter: Reporter): void {
  const [start, end] = error.pos
  const hint = SYNTAX_HINTS[error.code]
  reporter.error('YAML_SYNTAX', error.message, {
    span: { source, start: Math.min(start, source.text.length), end: Math.max(end, start + 1) },
    ...(hint === undefined ? {} : { hint }),
  })
}

function wholeOf(source: Source): Span {
  return { source, start: 0, end: 1 }
}
