import { Composer, isScalar, type ParsedNode, Parser } from 'yaml'
import type { Reporter } from '../reporter.ts'
import type { Node } from '../tree/node.ts'
import type { Source } from '../tree/source.ts'
import { Converter } from './convert.ts'
import { tooDeep } from './depth.ts'
import { readSubset } from './subset/read.ts'
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
  const document = readSubset(source)
  return document ? [document] : parseWholeYaml(source, reporter)
}

/** Reads any YAML, with the library's parser. */
export function parseWholeYaml(source: Source, reporter: Reporter): Node[] {
  const tokens = [...new Parser().parse(source.text)]
  const deep = tokens.map(tooDeep).find(token => token !== undefined)
  if (deep) {
    const span = { source, start: deep.offset, end: deep.offset + 1 }
    reporter.error('YAML_TOO_DEEP', 'nest less deeply: the file has too many levels', { span })
    return []
  }
  const documents: Node[] = []
  for (const document of new Composer<ParsedNode>(OPTIONS).compose(tokens)) {
    if (document.errors.length > 0) {
      reportSyntax(document.errors, source, reporter)
      return []
    }
    const { contents } = document
    if (contents === null || (isScalar(contents) && contents.source === '')) continue
    documents.push(new Converter(source, reporter).convert(contents))
  }
  return documents
}
