/** Keys that say themselves what they are: private key blocks, JWTs, and the prefixes that vendors publish for scanners. */
import { hasKeyShape, matches, type Rule, type Span } from './redact-spans.ts';

const JWT = /(?<![A-Za-z0-9_-])(?:eyJ|ewog)[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]{4,}){1,4}(?:\.(?![A-Za-z0-9]))?/g;
/** A JWT that was encoded once more, as Kubernetes prints it. */
const JWT_BASE64 = /(?<![A-Za-z0-9+/_-])ZXlK[A-Za-z0-9+/_-]{30,}={0,2}/g;
const PEM = /-----BEGIN [A-Z0-9 ]{0,40}(?:PRIVATE KEY|SECRET|PARAMETERS|PRIVATE KEY BLOCK)[A-Z0-9 ]{0,20}-----/g;

/** One entry a vendor: its prefix and the shape of what follows. */
const VENDORS: [type: string, pattern: RegExp][] = [
  ['jwt', JWT],
  ['jwt', JWT_BASE64],
  ['discord', /(?<![\w.-])[A-Z][A-Za-z0-9]{22,27}\.[\w-]{6}\.[\w-]{27,38}(?![\w.-])/g],
  ['mailchimp', /\b[a-f0-9]{32}-us[0-9]{1,2}\b/g],
  ['aws', /(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}(?![A-Z0-9])/g],
  ['aws', /\bABSK[A-Za-z0-9+/]{60,}={0,2}|\bbedrock-api-key-[A-Za-z0-9+/=]{20,}/g],
  ['github', /\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{20,})/g],
  [
    'gitlab',
    /\b(?:gl(?:pat|dt|ptt|rt|cbt|imt|ft|agent|soat|ffct|oas)|GR1348941|_gitlab_session)[-=]?[A-Za-z0-9_-]{18,}/g,
  ],
  ['slack', /\bxox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{8,}|\bxapp-[0-9]-[A-Za-z0-9-]{8,}|\bxoxe\.[A-Za-z0-9.-]{20,}/g],
  ['webhook', /\bhooks\.slack\.com\/(?:services|workflows|triggers)\/([A-Za-z0-9/_+]{20,})/dg],
  ['webhook', /\bdiscord(?:app)?\.com\/api\/webhooks\/([0-9]{8,}\/[A-Za-z0-9_-]{20,})/dg],
  ['webhook', /\bwebhook\.office\.com\/webhookb2\/([^\s"'<>]{20,400})/dg],
  ['stripe', /\b(?:sk|rk|pk|whsec)_(?:(?:live|test|prod)_)?[A-Za-z0-9+/]{16,}=*/g],
  [
    'ai',
    /\bsk-(?:ant-|proj-|svcacct-|admin-|or-|None-)?[A-Za-z0-9_-]{20,}|\b(?:gsk|hf|r8|api_org|xai|pplx|csk|fw)[_-][A-Za-z0-9]{20,}/g,
  ],
  [
    'google',
    /\bAIza[A-Za-z0-9_-]{30,}|\bya29\.[A-Za-z0-9_-]{16,}|\bGOCSPX-[A-Za-z0-9_-]{20,}|\b1\/\/0[A-Za-z0-9_-]{30,}/g,
  ],
  ['atlassian', /\bAT(?:ATT|CTT|BB|STT)[A-Za-z0-9_=-]{20,}/g],
  ['telegram', /(?<![0-9A-Za-z])[0-9]{5,16}:(?:AA|A)[A-Za-z0-9_-]{32,36}(?![A-Za-z0-9_-])/g],
  [
    'hashicorp',
    /\bhv[sbr]\.[A-Za-z0-9_-]{20,}|(?<![.\w])[sb]\.(?=[A-Za-z]{0,23}[0-9])[A-Za-z0-9]{24}\b|\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{40,}/g,
  ],
  [
    'sendgrid',
    /\bSG\.[A-Za-z0-9_-]{16,}(?:\.[A-Za-z0-9_-]{16,})?|\b(?:key|pubkey)-[a-f0-9]{32}\b|\bxkeysib-[a-z0-9-]{40,}/g,
  ],
  ['shopify', /\bshp(?:at|ca|pa|ss|tka)_[A-Fa-f0-9]{24,}/g],
  ['digitalocean', /\bdo[oprt]_v1_[a-f0-9]{40,}/g],
  ['planetscale', /\bpscale_(?:pw|tkn|oauth)_[A-Za-z0-9=._-]{20,}/g],
  ['fly', /\bfo1_[\w-]{40,}|\bfm[12][ar]?_[A-Za-z0-9+/]{40,}={0,3}/g],
  ['sentry', /\bsntry[su]_[A-Za-z0-9+/=_]{30,}/g],
  ['grafana', /\bgl(?:c|sa)_[A-Za-z0-9+/_=]{24,}/g],
  ['databricks', /\bdapi[a-f0-9]{32}(?:-[0-9])?/g],
  ['datadog', /\bddapp?_[A-Za-z0-9]{30,}|\bdd[ap]p?[_-]?(?:api|app)[_-]?[a-f0-9]{32,40}\b/gi],
  ['newrelic', /\bNR(?:AK|II|AA|IQ|RA|JS|AL)-[A-Za-z0-9_-]{15,}/g],
  ['npm', /\bnpm_[A-Za-z0-9]{30,}|\bpypi-AgE[A-Za-z0-9_-]{40,}|\brubygems_[a-f0-9]{40,}|\bcio[A-Za-z0-9]{32}\b/g],
  ['1password', /\bops_eyJ[A-Za-z0-9+/_=-]{40,}|\bA3-[A-Z0-9]{6}(?:-[A-Z0-9]{5,11}){4,6}\b/g],
  ['age', /\bAGE-SECRET-KEY-1[A-Z0-9]{40,}/g],
  ['artifactory', /\b(?:AKCp[A-Za-z0-9]{50,}|cmVmd[A-Za-z0-9]{50,})/g],
  ['docker', /\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}/g],
  ['doppler', /\bdp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._-]{20,}/g],
  ['heroku', /\bHRKU-[A-Za-z0-9_-]{30,}/g],
  ['openshift', /\bsha256~[A-Za-z0-9_-]{43}\b/g],
  ['square', /\b(?:EAAA|sq0[a-z]{3}-)[A-Za-z0-9_-]{22,}/g],
  ['facebook', /\bEAA[A-Za-z0-9]{40,}/g],
  [
    'azure',
    /(?<=(?:AccountKey|SharedAccessKey|SharedAccessSignature)=)[A-Za-z0-9+/%=&]{20,}|(?<![A-Za-z0-9_~.])[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}/g,
  ],
  ['cloudflare', /\bcf(?:at|ut|k)_[A-Za-z0-9]{40,}/g],
  ['softlayer', /\bapi\.softlayer\.com\/soap\/v3(?:\.1)?\/([a-f0-9]{64})\b/dg],
  ['alibaba', /\bLTAI[A-Za-z0-9]{16,24}\b/g],
  [
    'linear',
    /\blin_(?:api|oauth)_[A-Za-z0-9]{30,}|\bntn_[A-Za-z0-9]{30,}|\bsecret_[A-Za-z0-9]{40,}|\bfig[duoh]_[A-Za-z0-9_-]{20,}/g,
  ],
  [
    'key',
    /\b(?:PMAK-[a-f0-9]{20,}-[a-f0-9]{30,}|EZ[AT]K[A-Za-z0-9]{50,}|shippo_(?:live|test)_[a-f0-9]{40}|duffel_(?:live|test)_[\w=-]{40,}|FLW(?:PUB|SEC)K_TEST-[A-Za-z0-9-]{12,}|pul-[a-f0-9]{40}|tfp_[\w-]{40,}|rdme_[a-z0-9]{60,}|sgp_[A-Za-z0-9_]{30,}|pnu_[A-Za-z0-9]{30,}|nfp_[A-Za-z0-9]{30,}|CFPAT-[\w-]{40,}|p8e-[a-z0-9]{30,}|CCIPAT_\w{30,}|phc_[A-Za-z0-9]{40,}|SK[a-f0-9]{32}\b|v1\.0-[a-f0-9]{24}-[a-f0-9]{100,}|sbp_[a-f0-9]{40}|eyJrIjoi[A-Za-z0-9]{40,}={0,2})/g,
  ],
];

/** Private key blocks, to their end line or, where that is missing, to the end of the text. */
function privateKeys(text: string): Span[] {
  if (!text.includes('-----BEGIN ')) return [];
  const out: Span[] = [];
  for (const m of text.matchAll(PEM)) {
    if (m.index < (out.at(-1)?.to ?? 0)) continue;
    const close = text.indexOf('-----END ', m.index + m[0].length);
    const dashes = close < 0 ? -1 : text.indexOf('-----', close + 9);
    out.push({ from: m.index, to: dashes < 0 ? text.length : dashes + 5, type: 'private-key' });
  }
  return out;
}

/** Every secret that its own shape gives away. */
export const vendors: Rule = (text, check) => {
  const out = privateKeys(text);
  if (!hasKeyShape(text)) return out;
  for (const [type, pattern] of VENDORS) {
    check();
    out.push(...matches(text, pattern, type));
  }
  return out;
};
