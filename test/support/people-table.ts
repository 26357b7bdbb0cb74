/** Somebody who tries to sign in to the example app, and what has to come of it. */
export interface Visitor {
  /** What this row shows. */
  readonly about: string;
  readonly username: string;
  readonly password: string;
  /** `req.authenticated` as JSON. Undefined: they can't sign in. */
  readonly authenticated?: string;
  /** The areas that answer 200; all others answer 403. */
  readonly opens: readonly string[];
}

const NOTHING: readonly string[] = [];

/** Who gets in where, with the filter `(WebAccess=MyWebApp_Level_*)` and the level in MyWebAccess; the same on every directory. */
export const VISITORS: readonly Visitor[] = [
  {
    about: "level 1, an editor",
    username: "web1",
    password: "web1-pw",
    authenticated: '{"UID":"web1","MYWEBACCESS":"MyWebApp_Level_1"}',
    opens: ["/canteen", "/newsroom"],
  },
  {
    about: "level 1 under a name typed in capitals",
    username: "WEB1",
    password: "web1-pw",
    authenticated: '{"UID":"web1","MYWEBACCESS":"MyWebApp_Level_1"}',
    opens: ["/canteen", "/newsroom"],
  },
  {
    about: "level 2",
    username: "web2",
    password: "web2-pw",
    authenticated: '{"UID":"web2","MYWEBACCESS":"MyWebApp_Level_2"}',
    opens: ["/canteen", "/reports"],
  },
  {
    about: "level 3, and so no editor",
    username: "web3",
    password: "web3-pw",
    authenticated: '{"UID":"web3","MYWEBACCESS":"MyWebApp_Level_3"}',
    opens: ["/canteen", "/reports", "/board"],
  },
  {
    about: "levels 1, 2 and 3, an editor",
    username: "webmulti",
    password: "webmulti-pw",
    authenticated:
      '{"UID":"webmulti","MYWEBACCESS":"MyWebApp_Level_1; MyWebApp_Level_2; MyWebApp_Level_3"}',
    opens: ["/canteen", "/reports", "/board", "/newsroom"],
  },
  {
    about: "level 2, and level 9 of another app, which counts for nothing",
    username: "webmixed",
    password: "webmixed-pw",
    authenticated: '{"UID":"webmixed","MYWEBACCESS":"OtherApp_Level_9; MyWebApp_Level_2"}',
    opens: ["/canteen", "/reports"],
  },
  {
    about: "level 1 in other letter case",
    username: "webcase",
    password: "webcase-pw",
    authenticated: '{"UID":"webcase","MYWEBACCESS":"mywebapp_LEVEL_1"}',
    opens: ["/canteen"],
  },
  {
    about: "level 2 in an entry whose DN does not hold the uid",
    username: "webcn",
    password: "webcn-pw",
    authenticated: '{"UID":"webcn","MYWEBACCESS":"MyWebApp_Level_2"}',
    opens: ["/canteen", "/reports"],
  },
  {
    about: "WebAccess without MyWebAccess",
    username: "webnomine",
    password: "webnomine-pw",
    authenticated: '{"UID":"webnomine","MYWEBACCESS":""}',
    opens: NOTHING,
  },
  {
    about: "MyWebAccess without WebAccess",
    username: "webonlymine",
    password: "webonlymine-pw",
    opens: NOTHING,
  },
  {
    about: "only a level of another app",
    username: "webother",
    password: "webother-pw",
    opens: NOTHING,
  },
  { about: "no level", username: "webnone", password: "webnone-pw", opens: NOTHING },
  {
    about: "an entry without a password",
    username: "webnopw",
    password: "webnopw-pw",
    opens: NOTHING,
  },
  {
    about: "an entry below the reach of scope one",
    username: "websub",
    password: "websub-pw",
    opens: NOTHING,
  },
  { about: "an entry outside the base", username: "alice", password: "alice-pw", opens: NOTHING },
  {
    about: "a password in other letter case",
    username: "web1",
    password: "WEB1-PW",
    opens: NOTHING,
  },
  { about: "somebody else's password", username: "web1", password: "web3-pw", opens: NOTHING },
  { about: "an empty password", username: "web3", password: "", opens: NOTHING },
  { about: "a name with a wildcard", username: "web*", password: "web3-pw", opens: NOTHING },
  {
    about: "a name that is a filter",
    username: "*)(uid=web3",
    password: "web3-pw",
    opens: NOTHING,
  },
  { about: "nobody", username: "nobody", password: "web1-pw", opens: NOTHING },
];
