"""The console's pages. How one is made:

1. A module here with ``blueprint = Blueprint("rule_pages", __name__)``, a name that no blueprint of the API has; it is
   found by itself. One noun a module: its list, the one, its changes. Its row of the navigation stands in
   ``connector/web/nav.py``, shown once the path is served.
2. Views are decorated with ``@page("read")`` (``connector/web/page.py``): the scopes are those of the REST route beside
   it, and ``who`` is the same. A view calls the very service that the REST route calls, and nothing else:

       @blueprint.get("/rules")
       @page("read")
       def all_rules(who: Who) -> Response:
           return show("rules.html", rules=house().inbox.rules.all(who))

       @blueprint.post("/rules")
       @page("write")
       def make(who: Who) -> Response:
           try:
               made = house().inbox.rules.make(who, resources.load(inbox.RuleResource(), read_form(_FIELDS)))
           except Invalid as error:  # the form again, with what was typed, each fault at its field
               return show("rule.html", _status=422, given=request.form, faults=by_field(error))
           say(_("The rule is kept."), undo=(url_for(".drop", name=made["id"]), {}))
           return go(url_for(".all_rules"))

   ``read_form`` (``connector/web/form_body.py``) turns a form into the JSON body of the REST call, by a table of
   fields; the marshmallow resource then checks it as it checks the call. ``say(..., undo=(path, fields))`` tells of it
   on the next page, with a button that posts ``fields`` to ``path``. Every other HeedError becomes a page by itself.
3. Templates extend ``base.html`` (blocks ``title``, ``actions``, ``main``) and take fields, tables, switches, badges,
   pagers and plots from ``macros.html`` (``{% import "macros.html" as ui with context %}``). Forms are made with
   ``{% call ui.form(path) %}``: it brings the token. Times: ``ui.moment(instant)``. What others wrote: ``|said``.
   No inline script, style or ``on…``: the policy refuses them. Pictures of data: ``plots.bars`` and ``plots.lines``.
4. A link or form with ``data-swap="#id"`` is fetched and only that part is replaced (``static/swap.js``); without
   scripts it is an ordinary one, so a view always answers the whole page.
5. Every text goes through ``_("…")`` (in Python from ``connector.web.texts``; in tables ``marked as _``), with names
   for what varies: ``_("%(count)s people", count=n)`` in templates, ``_("%(count)s people") % {"count": n}`` here.
   Scripts hold no texts: they take them from the page. ``make texts`` writes ``locale/heed.pot`` anew.
6. Paging is by cursor: ``page_limits()`` reads it, ``ui.pager(next_cursor)`` shows it. Nothing counts over a table.
"""
