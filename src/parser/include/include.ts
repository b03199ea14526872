import type { Range } from '../../diagnostics/index.ts'
import type { RemoteProblem } from '../contract.ts'
import type { DocumentContext } from '../document-context.ts'
import { parseDotenv } from '../dotenv/dotenv.ts'
import type { VariableSource } from '../lineage.ts'
import { merge } from '../merge/merge.ts'
import { absolutePath, folderOf } from '../paths/paths.ts'
import { isAddress } from '../remote/reference.ts'
import {
  asList,
  child,
  type Entry,
  isNull,
  type MapNode,
  type Node,
  textOf,
  withoutKeys,
} from '../tree/node.ts'
import { rangeOf, type Source, type Span } from '../tree/source.ts'

const SECTIONS = ['services', 'networks', 'volumes', 'secrets', 'configs', 'models']

/** Loads each entry of `include` as a project of its own and merges what it defines below this document, whose own words win. */
export function applyInclude(document: MapNode, context: DocumentContext): MapNode {
  const include = child(document, 'include')
  if (include === undefined || isNull(include)) return withoutKeys(document, ['include'])
  let result = withoutKeys(document, ['include'])
  const items = asList(include)?.items
  if (items === undefined) {
    context.scope.reporter.error('INVALID_TYPE', 'write a list of files to include', {
      path: ['include'],
      node: include,
    })
    return result
  }
  for (const [index, item] of items.entries()) {
    const model = new Inclusion(item, index, context).load()
    if (model) result = mergeBelow(model, result, context)
  }
  return result
}

function mergeBelow(model: MapNode, document: MapNode, context: DocumentContext): MapNode {
  const entries = new Map<string, Entry>()
  for (const section of SECTIONS) {
    const entry = model.entries.get(section)
    if (entry) entries.set(section, entry)
  }
  const merged = merge({ ...model, entries }, document, context.scope.reporter)
  return merged.kind === 'map' ? merged : document
}

class Inclusion {
  readonly #item: Node
  readonly #index: number
  readonly #context: DocumentContext

  constructor(item: Node, index: number, context: DocumentContext) {
    this.#item = item
    this.#index = index
    this.#context = context
  }

  load(): MapNode | undefined {
    const texts = this.#texts('path')
    if (texts.length === 0) {
      this.#error('INVALID_INCLUDE', 'name a file to include')
      return undefined
    }
    const paths = texts.flatMap(text => this.#locate(text) ?? [])
    const [main] = paths
    if (main === undefined || paths.length < texts.length) return undefined
    const chain = [...this.#context.includedFrom, this.#context.file.name]
    if (chain.includes(main)) {
      const names = [...chain, main].map(path => this.#context.scope.remotes.nameOf(path))
      this.#error('INCLUDE_CYCLE', 'break the circle of includes', names.join('\nincludes '))
      return undefined
    }
    const files = paths.map(path => this.#open(path))
    if (files.some(file => file === undefined)) return undefined
    const directory = textOf(child(this.#item, 'project_directory'))
    const workingDir = directory ? this.#absolute(directory) : folderOf(main)
    const environment = this.#environment(workingDir)
    const model = this.#context.loadModel({
      files: files.filter(file => file !== undefined),
      workingDir,
      lookup: environment.lookup,
      includedFrom: chain,
      includedInto: this.#context.workingDir,
    })
    if (model)
      this.#context.scope.lineage.included.push({
        at: this.#item.span,
        includedFrom: chain,
        files: paths,
        model,
        environment,
      })
    return model
  }

  #environment(workingDir: string): VariableSource {
    const outer = this.#context.lookup
    const named = this.#texts('env_file')
    const files = named.length > 0 ? named.map(path => this.#absolute(path)) : [`${workingDir}/.env`]
    const values = new Map<string, string>()
    const spans = new Map<string, Span>()
    for (const path of files) {
      const source = path === '/dev/null' ? undefined : this.#context.scope.read(path)
      if (source === undefined && named.length > 0 && path !== '/dev/null')
        this.#error('ENV_FILE_NOT_FOUND', `create the file ${path}: include names it`)
      if (source === undefined) continue
      const {
        values: found,
        places,
        problems,
      } = parseDotenv(source.text, name => outer(name) ?? values.get(name))
      for (const { message, offset } of problems.filter(problem => problem.unset === undefined))
        this.#context.scope.reporter.error('DOTENV_SYNTAX', message, {
          span: { source, start: offset, end: offset + 1 },
        })
      for (const [key, value] of found) values.set(key, value)
      for (const [key, { start, end }] of places) spans.set(key, { source, start, end })
    }
    return { lookup: name => outer(name) ?? values.get(name), placeOf: name => placeIn(spans, name) }
  }

  #open(path: string): Source | undefined {
    const source = this.#context.scope.read(path)
    if (source === undefined) this.#error('FILE_NOT_FOUND', `create the file ${path}: include names it`)
    return source
  }

  #texts(key: string): string[] {
    if (key === 'path' && textOf(this.#item) !== undefined) return [textOf(this.#item) ?? '']
    const node = child(this.#item, key)
    const items = node === undefined ? [] : (asList(node)?.items ?? [node])
    return items.map(item => textOf(item)).filter(text => text !== undefined)
  }

  /** The path of a file that is named; undefined when it is remote and not here. */
  #locate(text: string): string | undefined {
    const report = ({ code, summary, detail, hint }: RemoteProblem): void =>
      this.#error(code, summary, detail, hint)
    return isAddress(text) ? this.#context.scope.remotes.find(text, report)?.path : this.#absolute(text)
  }

  #absolute(path: string): string {
    return absolutePath(path, { workingDir: this.#context.workingDir, home: this.#context.scope.home })
  }

  #error(code: string, summary: string, detail?: string, hint?: string): void {
    this.#context.scope.reporter.error(code, summary, {
      path: ['include', this.#index],
      node: this.#item,
      hint,
      ...(detail === undefined ? {} : { detail }),
    })
  }
}

function placeIn(spans: ReadonlyMap<string, Span>, name: string): Range | undefined {
  const span = spans.get(name)
  return span && rangeOf(span)
}
