// Runs a bundle of dist/ from V8's code cache, which the build leaves beside it: compiling a megabyte of JavaScript takes
// longer than most commands. V8 checks version, flags and source and refuses a cache that does not fit: then it compiles.
'use strict'
const { readFileSync, renameSync, writeFileSync } = require('node:fs')
const { dirname, join } = require('node:path')
const { Script } = require('node:vm')

/** Set by the build alone: the cache is written when the process ends, with all functions that were compiled by then. */
const WRITE = process.env.TSCOMPOSE_WRITE_CODE_CACHE === '1'

/** Runs dist/<name>.cjs. */
function start(name) {
  const filename = join(__dirname, '..', 'dist', `${name}.cjs`)
  const cache = `${filename}.cache`
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, 'latin1')}\n})`
  const cachedData = WRITE ? undefined : readIfThere(cache)
  const script = new Script(source, { filename, ...(cachedData && { cachedData }) })
  if (WRITE) process.on('exit', () => replaceFile(cache, script.createCachedData()))
  const module_ = { exports: {} }
  script.runInThisContext()(module_.exports, require, module_, filename, dirname(filename))
}

function readIfThere(path) {
  try {
    return readFileSync(path)
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Another process may be reading it. */
function replaceFile(path, bytes) {
  writeFileSync(`${path}.new`, bytes)
  renameSync(`${path}.new`, path)
}

module.exports = { start }
if (require.main === module) start(process.argv[2])
