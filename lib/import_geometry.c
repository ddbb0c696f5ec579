/* A feature's geometry in the district's CRS, or the reason why it cannot be had. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>

#include "import_job.h"
#include "internal.h"

/* Nothing on earth is farther from any projection's origin; the lattice of 2^-10 m
 * is exact far beyond. */
static const double FARTHEST_M = 1e8;

static bool repairs(const struct wg_job *job)
{
    return job->opt->invalid == WG_INVALID_REPAIR;
}

static const char *kind_of(OGRGeometryH g)
{
    return OGR_G_GetGeometryName(g);
}

static struct wg_point vertex(const struct wg_job *job, OGRGeometryH g, int i)
{
    double x = OGR_G_GetX(g, i), y = OGR_G_GetY(g, i);
    return job->swap ? (struct wg_point){y, x} : (struct wg_point){x, y};
}

/* The geometry of the row at hand without curves.  *owned is to be destroyed. */
static enum wg_status take(struct wg_job *job, OGRGeometryH *out, OGRGeometryH *owned,
                           struct wg_error *err)
{
    OGRGeometryH g = NULL;
    *out = *owned = NULL;
    if (job->plain && job->field[WG_F_WKT] >= 0) {
        const char *wkt;
        enum wg_status st = wg_field_text(job, WG_F_WKT, &wkt, err);
        if (st || !wkt)
            return st;
        char *text = (char *)wkt;
        if (!strncmp(text, "SRID=", 5) && strchr(text, ';'))
            text = strchr(text, ';') + 1;
        if (OGR_G_CreateFromWkt(&text, NULL, owned) != OGRERR_NONE || !*owned) {
            wg_io_forget(&job->words);
            return wg_fail_row(err, WG_GEOMETRY, job->fid,
                               _("its WKT cannot be read: “%.40s”"), wkt);
        }
        g = *owned;
    } else if (!job->plain) {
        g = OGR_F_GetGeometryRef(job->feature);
    }
    if (g && OGR_G_HasCurveGeometry(g, 0)) {
        OGRGeometryH linear = OGR_G_GetLinearGeometry(g, 1.0, NULL);
        if (*owned)
            OGR_G_DestroyGeometry(*owned);
        g = *owned = linear;
    }
    *out = g && !OGR_G_IsEmpty(g) ? g : NULL;
    return WG_OK;
}

/* Polygons. */

struct walk {
    struct wg_job *job;
    int polygons, others; /* pieces that are no polygon */
    int flat_rings;       /* fewer than three corners */
    const char *other;    /* kind of the first of them */
    bool bad;             /* a coordinate that is no number */
};

static void walk_ring(struct walk *w, OGRGeometryH ring)
{
    struct wg_builder *b = &w->job->read;
    uint32_t start = b->mp.n_vertex;
    int n = OGR_G_GetPointCount(ring);
    for (int i = 0; i < n; i++) {
        struct wg_point p = vertex(w->job, ring, i);
        if (!isfinite(p.x) || !isfinite(p.y)) {
            w->bad = true;
            return;
        }
        if (isnan(w->job->place.x))
            w->job->place = p;
        uint32_t last = b->mp.n_vertex;
        if (last > start && b->mp.x[last - 1] == p.x && b->mp.y[last - 1] == p.y)
            continue;
        wg_builder_vertex(b, p.x, p.y);
    }
    if (b->failed || b->mp.n_vertex == start)
        return;
    double x = b->mp.x[start], y = b->mp.y[start];
    uint32_t last = b->mp.n_vertex - 1;
    if (b->mp.x[last] != x || b->mp.y[last] != y)
        wg_builder_vertex(b, x, y);
    if (b->mp.n_vertex - start >= 4) {
        wg_builder_close_ring(b);
        return;
    }
    b->mp.n_vertex = start;
    w->flat_rings++;
}

static void walk_polygon(struct walk *w, OGRGeometryH polygon)
{
    struct wg_builder *b = &w->job->read;
    int n = OGR_G_GetGeometryCount(polygon);
    uint32_t rings = b->mp.n_ring;
    for (int i = 0; i < n && !w->bad; i++) {
        walk_ring(w, OGR_G_GetGeometryRef(polygon, i));
        if (i == 0 && b->mp.n_ring == rings)
            return; /* no shell: its holes mean nothing */
    }
    wg_builder_close_part(b);
    w->polygons++;
}

static void walk_other(struct walk *w, OGRGeometryH g)
{
    if (!w->others++)
        w->other = kind_of(g);
}

/* A closed line drawn where an area was meant. */
static void walk_line(struct walk *w, OGRGeometryH line)
{
    int n = OGR_G_GetPointCount(line);
    if (repairs(w->job) && n >= 4 && OGR_G_GetX(line, 0) == OGR_G_GetX(line, n - 1) &&
        OGR_G_GetY(line, 0) == OGR_G_GetY(line, n - 1)) {
        walk_ring(w, line);
        wg_builder_close_part(&w->job->read);
        w->polygons++;
    }
    walk_other(w, line);
}

static void walk(struct walk *w, OGRGeometryH g)
{
    OGRwkbGeometryType type = wkbFlatten(OGR_G_GetGeometryType(g));
    if (w->bad || OGR_G_IsEmpty(g))
        return;
    if (type == wkbPolygon || type == wkbTriangle) {
        walk_polygon(w, g);
    } else if (type == wkbMultiPolygon || type == wkbGeometryCollection ||
               type == wkbMultiLineString) {
        for (int i = 0; i < OGR_G_GetGeometryCount(g); i++)
            walk(w, OGR_G_GetGeometryRef(g, i));
    } else if (type == wkbLineString) {
        walk_line(w, g);
    } else {
        walk_other(w, g);
        if (isnan(w->job->place.x) && type == wkbPoint)
            w->job->place = vertex(w->job, g, 0);
    }
}

/* What is wrong with what was walked, where it can be mended and may be: said. */
static enum wg_status judge(struct walk *w, struct wg_error *err)
{
    struct wg_job *job = w->job;
    char text[200];
    if (job->read.failed)
        return wg_fail_memory(err);
    if (w->bad)
        return wg_fail_row(err, WG_GEOMETRY, job->fid, _("a coordinate is no number"));
    if (!w->polygons && w->others)
        return wg_fail_row(err, WG_GEOMETRY, job->fid,
                           _("it is a %s where a polygon is wanted"), w->other);
    if (!w->polygons)
        return wg_fail_row(err, WG_GEOMETRY, job->fid,
                           _("its ring has fewer than three corners"));
    if (!w->others && !w->flat_rings)
        return WG_OK;
    if (w->others)
        snprintf(text, sizeof text,
                 _("it holds %d pieces besides polygons, the first a %s"), w->others,
                 w->other);
    else
        snprintf(text, sizeof text, _("%d of its rings have fewer than three corners"),
                 w->flat_rings);
    if (!repairs(job))
        return wg_fail_row(err, WG_GEOMETRY, job->fid, "%s", text);
    wg_job_problem(job, true, text);
    return WG_OK;
}

/* Valid, or repaired into job->fixed; *mp is the one to go on with. */
static enum wg_status validate(struct wg_job *job, bool may_repair,
                               const struct wg_multipolygon **mp, struct wg_error *err)
{
    struct wg_error why = {.x = NAN, .y = NAN};
    enum wg_status st = wg_shape_check(job->shape, *mp, &why);
    if (st == WG_OK)
        return WG_OK;
    if (!may_repair || st != WG_GEOMETRY) {
        if (err)
            *err = why;
        return st;
    }
    struct wg_multipolygon fixed = {0};
    st = wg_shape_repair(job->shape, *mp, &fixed, err);
    if (st)
        return st;
    wg_multipolygon_finish(&job->fixed);
    job->fixed = fixed;
    *mp = &job->fixed;
    if (isfinite(why.x))
        job->place = (struct wg_point){why.x, why.y};
    wg_job_problem(job, true, why.text);
    return WG_OK;
}

static bool in_reach(const struct wg_multipolygon *mp)
{
    for (uint32_t i = 0; i < mp->n_vertex; i++)
        if (!(fabs(mp->x[i]) < FARTHEST_M && fabs(mp->y[i]) < FARTHEST_M))
            return false;
    return true;
}

/* A boundary that is no longer valid after the projection is put onto the lattice and
 * repaired until it stays; any other is kept to the last bit. */
static enum wg_status settle_boundary(struct wg_job *job,
                                      const struct wg_multipolygon **mp,
                                      struct wg_error *err)
{
    struct wg_multipolygon *own = &job->clean.mp;
    struct wg_multipolygon fixed = {0};
    struct wg_error why = {0};
    bool was_fixed = false;
    for (int round = 0; round < 8; round++) {
        if (own->n_vertex == 0)
            return wg_fail_row(err, WG_GEOMETRY, job->fid,
                               _("it is thinner than the millimetre lattice"));
        enum wg_status st = wg_shape_check(job->shape, own, &why);
        if (st == WG_OK)
            break;
        was_fixed = true;
        wg_multipolygon_snap(own);
        st = wg_shape_repair(job->shape, own, &fixed, err);
        if (st)
            return st;
        wg_multipolygon_snap(&fixed);
        wg_multipolygon_finish(&job->fixed);
        job->fixed = fixed;
        fixed = (struct wg_multipolygon){0};
        own = &job->fixed;
    }
    *mp = own;
    if (!was_fixed)
        return WG_OK;
    wg_job_problem(job, true, _("it touched itself in the district's CRS"));
    return wg_shape_check(job->shape, own, err);
}

enum wg_status wg_job_polygon(struct wg_job *job, bool boundary,
                              const struct wg_multipolygon **out, struct wg_error *err)
{
    OGRGeometryH g, owned;
    struct walk w = {.job = job};
    struct wg_error why = {.x = NAN, .y = NAN};
    wg_builder_reset(&job->read);
    enum wg_status st = take(job, &g, &owned, err);
    if (!st && !g)
        st = wg_fail_row(err, WG_GEOMETRY, job->fid, _("it has no geometry"));
    if (st)
        goto out;
    walk(&w, g);
    const struct wg_multipolygon *mp = &job->read.mp;
    st = judge(&w, err);
    if (!st)
        st = validate(job, repairs(job), &mp, &why);
    if (!st) {
        wg_sample_add(&job->sample, mp->x[0], mp->y[0]);
        double tolerance =
            job->opt->densify_m == 0 ? WG_IO_STRAIGHT_M : job->opt->densify_m;
        st = wg_io_transform(job->transform, boundary ? tolerance : 0, mp, &job->clean,
                             &why);
    }
    if (st) {
        if (isfinite(why.x))
            job->place = (struct wg_point){why.x, why.y};
        if (err && why.status)
            *err = why;
        goto out;
    }
    *out = &job->clean.mp;
    if (!in_reach(*out))
        st = wg_fail_row(err, WG_OUT_OF_RANGE, job->fid,
                         _("its coordinates lie beyond the earth: is the CRS right?"));
    else if (boundary)
        st = settle_boundary(job, out, err);
out:
    if (owned)
        OGR_G_DestroyGeometry(owned);
    return st;
}

/* Points. */

static enum wg_status read_fields(struct wg_job *job, struct wg_point *p,
                                  struct wg_error *err)
{
    const enum wg_field fields[2] = {WG_F_X, WG_F_Y};
    double v[2] = {NAN, NAN};
    for (int i = 0; i < 2; i++) {
        const char *text;
        enum wg_status st = wg_field_text(job, fields[i], &text, err);
        if (st)
            return st;
        if (text && wg_number_parse(text, &v[i]) == WG_NUMBER_JUNK)
            return wg_fail_row(err, WG_FORMAT, job->fid,
                               _("its coordinate “%.40s” is no number"), text);
    }
    /* the value with every digit, where the field holds a number and no text */
    for (int i = 0; i < 2 && !isnan(v[i]); i++) {
        int at = job->field[fields[i]];
        if (OGR_Fld_GetType(OGR_F_GetFieldDefnRef(job->feature, at)) == OFTReal)
            v[i] = OGR_F_GetFieldAsDouble(job->feature, at);
    }
    if (isnan(v[0]) != isnan(v[1]))
        return wg_fail_row(err, WG_FORMAT, job->fid, _("it has only one coordinate"));
    *p = (struct wg_point){v[0], v[1]};
    return WG_OK;
}

/* The middle of something wider, where repairing is allowed. */
static enum wg_status middle_of(struct wg_job *job, OGRGeometryH g, struct wg_point *p,
                                struct wg_error *err)
{
    char text[120];
    snprintf(text, sizeof text, _("it is a %s where a point is wanted"), kind_of(g));
    if (!repairs(job))
        return wg_fail_row(err, WG_GEOMETRY, job->fid, "%s", text);
    OGRGeometryH point = OGR_G_CreateGeometry(wkbPoint);
    bool found = OGR_G_Centroid(g, point) == OGRERR_NONE && !OGR_G_IsEmpty(point);
    if (found)
        *p = vertex(job, point, 0);
    OGR_G_DestroyGeometry(point);
    if (!found)
        return wg_fail_row(err, WG_GEOMETRY, job->fid, "%s", text);
    job->place = *p;
    wg_job_problem(job, true, text);
    return WG_OK;
}

static enum wg_status read_geometry(struct wg_job *job, struct wg_point *p,
                                    struct wg_error *err)
{
    OGRGeometryH g, owned;
    enum wg_status st = take(job, &g, &owned, err);
    if (st || !g)
        goto out;
    OGRGeometryH one = g;
    while (OGR_G_GetGeometryCount(one) == 1 &&
           wkbFlatten(OGR_G_GetGeometryType(one)) != wkbPolygon)
        one = OGR_G_GetGeometryRef(one, 0);
    if (wkbFlatten(OGR_G_GetGeometryType(one)) == wkbPoint)
        *p = vertex(job, one, 0);
    else
        st = middle_of(job, g, p, err);
out:
    if (owned)
        OGR_G_DestroyGeometry(owned);
    return st;
}

enum wg_status wg_job_point(struct wg_job *job, struct wg_point *out,
                            struct wg_error *err)
{
    struct wg_point p = {NAN, NAN};
    struct wg_error why = {0};
    bool fields = job->plain && job->field[WG_F_X] >= 0;
    enum wg_status st = fields ? read_fields(job, &p, err) : read_geometry(job, &p, err);
    if (st)
        return st;
    *out = p;
    if (isnan(p.x) && isnan(p.y)) {
        if (job->opt->keep_null)
            return WG_OK;
        return wg_fail_row(err, WG_GEOMETRY, job->fid,
                           fields ? _("it has no coordinates") : _("it has no geometry"));
    }
    job->place = p;
    if (!isfinite(p.x) || !isfinite(p.y))
        return wg_fail_row(err, WG_GEOMETRY, job->fid, _("a coordinate is no number"));
    wg_sample_add(&job->sample, p.x, p.y);
    st = wg_transform_points(job->transform, 1, &out->x, &out->y, &why);
    if (st) {
        if (err)
            *err = why;
        return st;
    }
    if (!(fabs(out->x) < FARTHEST_M && fabs(out->y) < FARTHEST_M))
        return wg_fail_row(err, WG_OUT_OF_RANGE, job->fid,
                           _("its coordinates lie beyond the earth: is the CRS right?"));
    return WG_OK;
}

/* Lines. */

static enum wg_status one_line(struct wg_job *job, OGRGeometryH line, wg_line_fn *fn,
                               struct wg_error *err)
{
    struct wg_builder *b = &job->read;
    struct wg_error why = {0};
    wg_builder_reset(b);
    for (int i = 0; i < OGR_G_GetPointCount(line); i++) {
        struct wg_point p = vertex(job, line, i);
        if (!isfinite(p.x) || !isfinite(p.y))
            return wg_fail_row(err, WG_GEOMETRY, job->fid,
                               _("a coordinate is no number"));
        if (isnan(job->place.x))
            job->place = p;
        wg_builder_vertex(b, p.x, p.y);
    }
    if (b->failed)
        return wg_fail_memory(err);
    if (b->mp.n_vertex < 2)
        return wg_fail_row(err, WG_GEOMETRY, job->fid,
                           _("its line has fewer than two points"));
    wg_sample_add(&job->sample, b->mp.x[0], b->mp.y[0]);
    enum wg_status st =
        wg_transform_points(job->transform, b->mp.n_vertex, b->mp.x, b->mp.y, &why);
    if (st) {
        if (err)
            *err = why;
        return st;
    }
    if (!in_reach(&b->mp))
        return wg_fail_row(err, WG_OUT_OF_RANGE, job->fid,
                           _("its coordinates lie beyond the earth: is the CRS right?"));
    return fn(job, b->mp.n_vertex, b->mp.x, b->mp.y, err);
}

static enum wg_status lines_of(struct wg_job *job, OGRGeometryH g, wg_line_fn *fn,
                               struct wg_error *err)
{
    OGRwkbGeometryType type = wkbFlatten(OGR_G_GetGeometryType(g));
    enum wg_status st = WG_OK;
    if (type == wkbLineString)
        return one_line(job, g, fn, err);
    if (type != wkbMultiLineString && type != wkbGeometryCollection)
        return wg_fail_row(err, WG_GEOMETRY, job->fid,
                           _("it is a %s where a line is wanted"), kind_of(g));
    for (int i = 0; !st && i < OGR_G_GetGeometryCount(g); i++)
        st = lines_of(job, OGR_G_GetGeometryRef(g, i), fn, err);
    return st;
}

enum wg_status wg_job_lines(struct wg_job *job, wg_line_fn *fn, struct wg_error *err)
{
    OGRGeometryH g, owned;
    enum wg_status st = take(job, &g, &owned, err);
    if (!st && !g)
        st = wg_fail_row(err, WG_GEOMETRY, job->fid, _("it has no geometry"));
    if (!st)
        st = lines_of(job, g, fn, err);
    if (owned)
        OGR_G_DestroyGeometry(owned);
    return st;
}
