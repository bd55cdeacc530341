// Licensed under the Apache License, Version 2.0; see LICENSE.

// Has real consent managers write their cookies, and keeps what they wrote as
// t/corpus/consent/PACKAGE.json: package, version, and cases as the tables of
// t/unit/source_case.h have them (how the source is configured, the Cookie
// header, what it has to say).
//
//   npm install --prefix t/record && node t/record/consent.mjs

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

import { directory, version } from './version.mjs'

const require = createRequire(import.meta.url)
const { JSDOM, VirtualConsole } = require('jsdom')
const out = join(dirname(import.meta.filename), '..', 'corpus', 'consent')

/** A page on which the given files have run. */
function page (name, files, html = '') {
  const dom = new JSDOM(`<!doctype html><html><head></head><body>${html}</body></html>`, {
    url: 'https://www.site.test/',
    runScripts: 'dangerously',
    pretendToBeVisual: true,
    virtualConsole: new VirtualConsole()
  })
  const { window } = dom
  window.matchMedia ??= () => ({ matches: false, addEventListener () {}, addListener () {} })
  for (const file of files) {
    window.eval(readFileSync(join(directory(name), file), 'utf8'))
  }
  return window
}

const settled = () => new Promise(resolve => setTimeout(resolve, 300))

async function record (name, conf, acts) {
  const cases = []
  for (const [what, says, act] of acts) {
    const window = await act()
    await settled()
    cases.push({ name: `${name}: ${what}`, conf, cookies: window.document.cookie, says })
    window.close()
  }
  const text = JSON.stringify({ package: name, version: version(name), cases }, null, 2)
  writeFileSync(join(out, `${name.replace('/', '_').replace('@', '')}.json`), `${text}\n`)
  for (const c of cases) console.log(`${c.name}: ${c.says}: ${c.cookies.slice(0, 100)}`)
}

// orestbida/cookieconsent 3
async function vanilla (act) {
  const window = page('vanilla-cookieconsent', ['dist/cookieconsent.umd.js'])
  const cc = window.CookieConsent
  await cc.run({
    mode: 'opt-in',
    hideFromBots: false,
    categories: {
      necessary: { enabled: true, readOnly: true },
      analytics: { services: { ga: { label: 'ga' } } },
      ads: {}
    },
    language: { default: 'en', translations: { en: { consentModal: {}, preferencesModal: {} } } }
  })
  act(cc)
  return window
}

// klaro
async function klaro (act) {
  const window = page('klaro', ['dist/klaro-no-css.js'])
  const manager = window.klaro.getManager({
    storageMethod: 'cookie',
    services: [
      { name: 'google-analytics', purposes: ['analytics'], cookies: [] },
      { name: 'youtube', purposes: ['media'], cookies: [] }
    ],
    translations: {}
  })
  act(manager)
  return window
}

// tarteaucitron: its parts would be loaded from the site; here they have run
// already, so that asking for them is answered at once.
async function tarteaucitron (act) {
  const window = page('tarteaucitronjs', ['tarteaucitron.js', 'lang/tarteaucitron.en.js',
    'tarteaucitron.services.js'], '<script src="https://www.site.test/tac/tarteaucitron.js"></script>')
  const tac = window.tarteaucitron
  tac.addScript = tac.addInternalScript = (url, id, done) => done?.()
  tac.init({
    privacyUrl: '',
    hashtag: '#tarteaucitron',
    cookieName: 'tarteaucitron',
    orientation: 'middle',
    groupServices: false,
    showAlertSmall: false,
    cookieslist: false,
    adblocker: false,
    highPrivacy: true,
    handleBrowserDNTRequest: false,
    mandatory: true,
    serviceDefaultState: 'wait'
  })
  tac.user.gtagUa = 'UA-1'
  window.tarteaucitron.job = window.tarteaucitron.job ?? []
  window.tarteaucitron.job.push('youtube')
  window.tarteaucitron.job.push('facebookpixel')
  await settled()
  act(tac)
  return window
}

// Osano's cookieconsent 3
async function osano (type, act) {
  const window = page('cookieconsent', ['build/cookieconsent.min.js'])
  await new Promise(resolve => window.cookieconsent.initialise({ type, cookie: { domain: '' } },
    popup => { act(popup, window.cookieconsent.status); resolve() }))
  return window
}

// CookieYes' SDK looks for window and document where it is run.
async function cookieyes (act) {
  const window = page('@cookieyes/core', [])
  const kept = { window: globalThis.window, document: globalThis.document }
  Object.assign(globalThis, { window, document: window.document })
  const file = require.resolve('@cookieyes/core')
  delete require.cache[file]
  const { initCookieYes } = require('@cookieyes/core')
  const { consentStore } = initCookieYes({ mode: 'cookie-only', regulation: 'GDPR' })
  act(consentStore)
  await settled()
  Object.assign(globalThis, kept)
  return window
}

mkdirSync(out, { recursive: true })

await record('vanilla-cookieconsent', 'cookieconsent 0=analytics 1=ads', [
  ['accepted all', 'gg', () => vanilla(cc => cc.acceptCategory('all'))],
  ['refused all', 'dd', () => vanilla(cc => cc.acceptCategory([]))],
  ['mixed', 'gd', () => vanilla(cc => cc.acceptCategory(['analytics']))],
  ['withdrawn', 'dg', () => vanilla(cc => {
    cc.acceptCategory('all')
    cc.acceptCategory(['ads'])
  })],
  ['unanswered', '--', () => vanilla(() => {})]
])

await record('klaro', 'klaro 0=google-analytics 1=youtube', [
  ['accepted all', 'gg', () => klaro(m => { m.changeAll(true); m.saveAndApplyConsents() })],
  ['refused all', 'dd', () => klaro(m => { m.changeAll(false); m.saveAndApplyConsents() })],
  ['mixed', 'gd', () => klaro(m => {
    m.updateConsent('google-analytics', true)
    m.saveAndApplyConsents()
  })],
  ['unanswered', '--', () => klaro(() => {})]
])

await record('tarteaucitronjs', 'tarteaucitron 0=youtube 1=facebookpixel', [
  ['accepted all', 'gg', () => tarteaucitron(t => t.userInterface.respondAll(true))],
  ['refused all', 'dd', () => tarteaucitron(t => t.userInterface.respondAll(false))],
  ['mixed', 'gd', () => tarteaucitron(t => {
    t.userInterface.respondAll(false)
    t.cookie.create('youtube', true)
  })],
  ['unanswered', '--', () => tarteaucitron(() => {})]
])

await record('cookieconsent', 'osano 0=*', [
  ['allowed', 'g', () => osano('opt-in', (p, s) => p.setStatus(s.allow))],
  ['denied', 'd', () => osano('opt-out', (p, s) => p.setStatus(s.deny))],
  ['dismissed', '-', () => osano('info', (p, s) => p.setStatus(s.dismiss))],
  ['unanswered', '-', () => osano('opt-in', () => {})]
])

await record('@cookieyes/core', 'cookieyes 0=analytics 1=advertisement', [
  ['accepted all', 'gg', () => cookieyes(s => s.getState().saveConsents('all'))],
  ['refused all', 'dd', () => cookieyes(s => s.getState().saveConsents('necessary'))],
  ['mixed', 'gd', () => cookieyes(s => s.getState().saveConsents(['analytics']))],
  ['unanswered', '--', () => cookieyes(() => {})]
])
