import { isScalar, type ParsedNode, parseAllDocuments } from 'yaml'
import type { Reporter } from '../reporter.ts'
import type { Node } from '../tree/node.ts'
import type { Source, Span } from '../tree/source.ts'
import { Converter } from './convert.ts'
import { reportSyntax } from './syntax.ts'

const OPTIONS = {
  schema: 'failsafe',
  resolveKnownTags: false,
  uniqueKeys: false,
  merge: false,
  prettyErrors: false,
  logLevel: 'silent',
  stringKeys: false,
} as const

/** The documents of a YAML text as trees; empty documents are left out. Reports what is wrong and returns what is usable. */
export function parseYaml(source: Source, reporter: Reporter): Node[] {
  const documents: Node[] = []
  try {
    for (const document of parseAllDocuments<ParsedNode>(source.text, OPTIONS)) {
      if (document.errors.length > 0) {
        reportSyntax(document.errors, source, reporter)
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

function wholeOf(source: Source): Span {
  return { source, start: 0, end: 1 }
}
