/* Which field of the file means what, and what its values say. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>

#include "import_job.h"
#include "internal.h"

/* Nouns as bits. */
enum {
    G = 1 << WG_NOUN_GRIDS,
    B = 1 << WG_NOUN_BUILDINGS,
    P = 1 << WG_NOUN_PARTS,
    E = 1 << WG_NOUN_EVENTS,
    O = 1 << WG_NOUN_OFFICERS,
    S = 1 << WG_NOUN_SURFACES,
    R = 1 << WG_NOUN_ROADS,
    PLACED = G | B | P | E | S | R
};

/* The obvious names, best first; ours, common ones of others, those that a Shapefile's
 * ten characters leave, Chinese ones. */
struct field_names {
    unsigned nouns;
    const char *option; /* what the tool calls it */
    const char *names[14];
};

static const struct field_names obvious[WG_F_COUNT] = {
    [WG_F_CODE] = {G | B | P | E | O, "code", {"code", "编码", "代码", "编号"}},
    [WG_F_NAME] = {G | B | P | O | S | R, "name", {"name", "名称", "姓名"}},
    [WG_F_PARENT] = {G, "parent", {"parent", "parent_cod", "parent_code", "上级编码"}},
    [WG_F_NOTE] = {G, "note", {"note", "备注"}},
    [WG_F_LEVEL] = {G, "level", {"level", "层级"}},
    [WG_F_KIND] = {G | S, "kind-field", {"kind", "类型"}},
    [WG_F_HEIGHT] = {B, "height", {"height", "height_m", "高度", "楼高", "建筑高度"}},
    [WG_F_HEIGHT_FROM] = {B, "height-from", {"height_from", "h_from"}},
    [WG_F_FLOORS] = {B,
                     "floors",
                     {"floors", "levels", "building:levels", "building_levels", "storeys",
                      "stories", "层数", "楼层", "楼层数"}},
    [WG_F_BASE] = {B, "base", {"base", "base_m", "min_height", "building:min_height"}},
    [WG_F_ROOF] = {B, "roof", {"roof", "roof:shape", "roof_shape"}},
    [WG_F_ROOF_M] = {B, "roof-m", {"roof_m", "roof:height", "roof_height"}},
    [WG_F_USE] = {B, "use", {"use", "usage", "用途"}},
    [WG_F_ADDRESS] = {B | E, "address", {"address", "addr", "地址"}},
    [WG_F_PART_OF] = {B, "part-of", {"part_of", "parent"}},
    [WG_F_ID] = {B | P | S | R, "id", {"source_id", "osm_id", "id"}},
    [WG_F_HOUSEHOLDS] = {B, "households", {"households", "户数"}},
    [WG_F_POPULATION] = {B, "population", {"population", "人口"}},
    [WG_F_ELDERLY] = {B, "elderly-alone", {"elderly_alone", "elderly", "独居老人"}},
    [WG_F_UUID] = {E, "id", {"uuid"}},
    [WG_F_TIME] = {E,
                   "time",
                   {"reported_at", "reported", "time", "occurred_at", "created_at",
                    "created", "datetime", "date", "上报时间", "发生时间", "时间"}},
    [WG_F_OCCURRED] = {E, "occurred", {"occurred_at", "occurred", "发生时间"}},
    [WG_F_DUE] = {E, "due", {"due_at", "due", "deadline", "截止时间"}},
    [WG_F_CLOSED] =
        {E, "closed", {"closed_at", "closed", "resolved_at", "resolved", "结案时间"}},
    [WG_F_ACKNOWLEDGED] = {E, "acknowledged", {"acknowledged_at", "acked_at"}},
    [WG_F_CLASS] = {P | E | R, "class", {"class", "class_code", "类别", "分类"}},
    [WG_F_TITLE] = {E, "title", {"title", "标题"}},
    [WG_F_DESCRIPTION] = {E, "description", {"description", "descript", "描述"}},
    [WG_F_SOURCE] = {E, "source", {"source", "来源"}},
    [WG_F_FRAME] = {E, "frame-field", {"frame"}},
    [WG_F_ACCURACY] = {E, "accuracy", {"accuracy_m", "accuracy"}},
    [WG_F_STAGE] = {E, "stage", {"stage", "环节"}},
    [WG_F_ALERT] = {E, "alert", {"alert", "alert_level", "预警级别"}},
    [WG_F_STATUS] = {P | E, "status", {"status", "state", "状态"}},
    [WG_F_GRID] = {O, "grid", {"grid", "grids", "grid_code", "网格", "网格编码"}},
    [WG_F_PHONE] = {O, "phone", {"phone", "telephone", "tel", "电话", "联系电话"}},
    [WG_F_WIDTH] = {R, "width", {"width", "width_m", "宽度"}},
    [WG_F_VALID_FROM] = {G | B | P | O, "valid-from", {"valid_from"}},
    [WG_F_VALID_TO] = {G | B | P | O, "valid-to", {"valid_to"}},
    [WG_F_X] = {PLACED, "x", {0}},
    [WG_F_Y] = {PLACED, "y", {0}},
    [WG_F_WKT] = {PLACED, "wkt", {0}},
};

static const char *option_of(const struct wg_job *job, enum wg_field f)
{
    const struct wg_import_options *o = job->opt;
    bool event = job->noun == WG_NOUN_EVENTS;
    switch (f) {
    case WG_F_CODE:
        return o->code;
    case WG_F_NAME:
        return o->name;
    case WG_F_PARENT:
        return o->parent;
    case WG_F_NOTE:
        return o->note;
    case WG_F_KIND:
        return o->kind_field;
    case WG_F_HEIGHT:
        return o->height;
    case WG_F_FLOORS:
        return o->floors;
    case WG_F_BASE:
        return o->base;
    case WG_F_ROOF:
        return o->roof;
    case WG_F_USE:
        return o->use;
    case WG_F_ADDRESS:
        return o->address;
    case WG_F_PART_OF:
        return o->part_of;
    case WG_F_ID:
        return o->id;
    case WG_F_UUID:
        return event ? o->id : NULL;
    case WG_F_HOUSEHOLDS:
        return o->households;
    case WG_F_POPULATION:
        return o->population;
    case WG_F_ELDERLY:
        return o->elderly_alone;
    case WG_F_TIME:
        return o->time;
    case WG_F_DUE:
        return o->due;
    case WG_F_CLOSED:
        return o->closed;
    case WG_F_CLASS:
        return o->class_code;
    case WG_F_TITLE:
        return o->title;
    case WG_F_DESCRIPTION:
        return o->description;
    case WG_F_STAGE:
        return o->stage;
    case WG_F_ALERT:
        return o->alert;
    case WG_F_STATUS:
        return o->status;
    case WG_F_GRID:
        return o->grid;
    case WG_F_PHONE:
        return o->phone;
    case WG_F_WIDTH:
        return o->width;
    case WG_F_VALID_FROM:
        return o->valid_from;
    case WG_F_VALID_TO:
        return o->valid_to;
    case WG_F_X:
        return o->x_field;
    case WG_F_Y:
        return o->y_field;
    case WG_F_WKT:
        return o->wkt_field;
    default:
        return NULL;
    }
}

/* The name of field i in UTF-8; free with CPLFree. */
static char *name_of(const struct wg_job *job, OGRFeatureDefnH def, int i)
{
    const char *name = OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(def, i));
    return job->recode ? CPLRecode(name, job->recode, CPL_ENC_UTF8) : CPLStrdup(name);
}

static int find_field(const struct wg_job *job, const char *wanted)
{
    OGRFeatureDefnH def = OGR_L_GetLayerDefn(job->layer);
    int n = OGR_FD_GetFieldCount(def), folded = -1;
    for (int i = 0; i < n; i++) {
        char *name = name_of(job, def, i);
        bool exact = !strcmp(name, wanted);
        if (folded < 0 && wg_text_equal_fold(name, wanted))
            folded = i;
        CPLFree(name);
        if (exact)
            return i;
    }
    return folded;
}

static bool names_are_utf8(const struct wg_job *job)
{
    OGRFeatureDefnH def = OGR_L_GetLayerDefn(job->layer);
    bool good = true;
    for (int i = 0; good && i < OGR_FD_GetFieldCount(def); i++) {
        char *name = name_of(job, def, i);
        good = CPLIsUTF8(name, -1);
        CPLFree(name);
    }
    return good;
}

static void list_fields(const struct wg_job *job, char *out, size_t size)
{
    OGRFeatureDefnH def = OGR_L_GetLayerDefn(job->layer);
    int n = OGR_FD_GetFieldCount(def);
    size_t used = 0;
    out[0] = 0;
    for (int i = 0; i < n; i++) {
        char *name = name_of(job, def, i);
        int wrote = snprintf(out + used, size - used, "%s%s", i ? ", " : "", name);
        CPLFree(name);
        if (wrote < 0 || (size_t)wrote >= size - used) {
            snprintf(out + used, size - used, "%s", size - used >= 4 ? "…" : "");
            return;
        }
        used += (size_t)wrote;
    }
}

static enum wg_status map_field(struct wg_job *job, enum wg_field f, struct wg_error *err)
{
    const struct field_names *field = &obvious[f];
    const char *stated = option_of(job, f);
    job->field[f] = -1;
    if (!(field->nouns & 1u << job->noun)) {
        if (stated && *stated && f != WG_F_ID)
            return wg_fail(err, WG_INVALID,
                           _("The option %s has no meaning for %s; leave it out."),
                           field->option, wg_noun_name(job->noun));
        return WG_OK;
    }
    if (stated) {
        if (!*stated)
            return WG_OK;
        char names[600];
        job->field[f] = find_field(job, stated);
        if (job->field[f] >= 0)
            return WG_OK;
        list_fields(job, names, sizeof names);
        if (!names_are_utf8(job))
            return wg_fail(err, WG_FORMAT,
                           _("The field names of “%s” are not UTF-8: state the file's "
                             "encoding, for instance GBK."),
                           job->path);
        return wg_fail(err, WG_NOT_FOUND,
                       _("“%s” has no field “%s” (option %s); it has: %s."), job->path,
                       stated, field->option, names);
    }
    for (int i = 0; job->field[f] < 0 && field->names[i]; i++)
        job->field[f] = find_field(job, field->names[i]);
    return WG_OK;
}

/* Places in plain tables: the pairs that can mean nothing else. */
static enum wg_status map_place(struct wg_job *job, struct wg_error *err)
{
    static const char *const pairs[][2] = {
        {"lon", "lat"}, {"longitude", "latitude"}, {"lng", "lat"},
        {"x", "y"},     {"经度", "纬度"},
    };
    static const char *const wkts[] = {"WKT", "geom", "geometry", "the_geom",
                                       "wkb_geometry"};
    int *field = job->field, found = 0, x = -1, y = -1;
    char seen[200] = "";
    if ((field[WG_F_X] < 0) != (field[WG_F_Y] < 0))
        return wg_fail(
            err, WG_INVALID,
            _("Both a field of x and one of y are needed; only one is stated."));
    job->plain = field[WG_F_X] >= 0 || field[WG_F_WKT] >= 0;
    bool spatial = OGR_FD_GetGeomFieldCount(OGR_L_GetLayerDefn(job->layer)) > 0;
    /* GDAL reads a CSV's WKT too, but makes nothing of what it cannot read */
    if (spatial && !job->plain && job->is_csv) {
        field[WG_F_WKT] = find_field(job, "WKT");
        job->plain = field[WG_F_WKT] >= 0;
    }
    if (job->plain || spatial || job->noun == WG_NOUN_OFFICERS)
        return WG_OK;
    for (size_t i = 0; i < sizeof wkts / sizeof *wkts && field[WG_F_WKT] < 0; i++)
        field[WG_F_WKT] = find_field(job, wkts[i]);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs && field[WG_F_WKT] < 0; i++) {
        int fx = find_field(job, pairs[i][0]), fy = find_field(job, pairs[i][1]);
        if (fx < 0 || fy < 0)
            continue;
        size_t used = strlen(seen);
        snprintf(seen + used, sizeof seen - used, "%s%s/%s", found ? ", " : "",
                 pairs[i][0], pairs[i][1]);
        x = fx, y = fy, found++;
    }
    if (found > 1)
        return wg_fail(err, WG_INVALID,
                       _("“%s” has several pairs of coordinate fields (%s): state which "
                         "with x and y."),
                       job->path, seen);
    char names[600];
    list_fields(job, names, sizeof names);
    if (!found && field[WG_F_WKT] < 0)
        return wg_fail(err, WG_FORMAT,
                       _("“%s” is a table without geometry: state its fields of x and y, "
                         "or of WKT.  It has: %s."),
                       job->path, names);
    job->plain = true;
    if (found) {
        field[WG_F_X] = x, field[WG_F_Y] = y;
        wg_job_warn(job, _("Took the fields %s as the coordinates (east, north)."), seen);
    }
    return WG_OK;
}

enum wg_status wg_fields_map(struct wg_job *job, struct wg_error *err)
{
    for (int f = 0; f < WG_F_COUNT; f++) {
        enum wg_status st = map_field(job, f, err);
        if (st)
            return st;
    }
    /* one field is not both whole and parent, when and when reported */
    if (job->field[WG_F_OCCURRED] == job->field[WG_F_TIME])
        job->field[WG_F_OCCURRED] = -1;
    if (job->opt->id && job->noun == WG_NOUN_EVENTS && job->field[WG_F_UUID] >= 0)
        job->field[WG_F_ID] = job->field[WG_F_UUID];
    return map_place(job, err);
}

/* Values. */

static bool is_utf8(const char *text)
{
    return CPLIsUTF8(text, -1);
}

static bool keep_text(struct wg_text *t, const char *text, size_t size)
{
    if (!wg_grow((void **)&t->text, &t->cap, size + 1, 1))
        return false;
    memcpy(t->text, text, size);
    t->text[size] = 0;
    return true;
}

static void print_value(OGRFeatureH feature, int i, char *out, size_t size)
{
    double v = OGR_F_GetFieldAsDouble(feature, i);
    if (v == floor(v) && fabs(v) < 1e15)
        snprintf(out, size, "%.0f", v);
    else
        CPLsnprintf(out, size, "%.15g", v);
}

enum wg_status wg_field_text(struct wg_job *job, enum wg_field f, const char **out,
                             struct wg_error *err)
{
    int i = job->field[f];
    *out = NULL;
    if (i < 0 || !OGR_F_IsFieldSetAndNotNull(job->feature, i))
        return WG_OK;
    char number[64], *owned = NULL;
    const char *text = number;
    OGRFieldDefnH def = OGR_F_GetFieldDefnRef(job->feature, i);
    if (OGR_Fld_GetType(def) == OFTReal)
        print_value(job->feature, i, number, sizeof number);
    else
        text = OGR_F_GetFieldAsString(job->feature, i);
    if (job->recode)
        text = owned = CPLRecode(text, job->recode, CPL_ENC_UTF8);
    if (!is_utf8(text)) {
        CPLFree(owned);
        return wg_fail_row(err, WG_FORMAT, job->fid,
                           _("The text of field “%s” is not UTF-8: state the file's "
                             "encoding, for instance GBK."),
                           OGR_Fld_GetNameRef(def));
    }
    size_t size = strlen(text);
    while (size && (unsigned char)text[size - 1] <= ' ')
        size--;
    while (size && (unsigned char)*text <= ' ')
        text++, size--;
    bool kept = keep_text(&job->text[f], text, size);
    CPLFree(owned);
    if (!kept)
        return wg_fail_memory(err);
    *out = size ? job->text[f].text : NULL;
    return WG_OK;
}

void wg_field_junk(struct wg_job *job, enum wg_field f, const char *value)
{
    struct wg_junk *junk = &job->junk[f];
    if (!junk->n++) {
        junk->first_fid = job->fid;
        snprintf(junk->first, sizeof junk->first, "%s", value);
        /* never half a character */
        size_t n = strlen(junk->first);
        while (n && !is_utf8(junk->first))
            junk->first[--n] = 0;
    }
}

void wg_fields_warn(struct wg_job *job)
{
    OGRFeatureDefnH def = OGR_L_GetLayerDefn(job->layer);
    for (int f = 0; f < WG_F_COUNT; f++) {
        const struct wg_junk *junk = &job->junk[f];
        if (!junk->n || job->field[f] < 0)
            continue;
        char *name = name_of(job, def, job->field[f]);
        wg_job_warn(job,
                    _("Field “%s”: %lld values could not be used and were left out, the "
                      "first is “%s” in feature %lld."),
                    name, (long long)junk->n, junk->first, (long long)junk->first_fid);
        CPLFree(name);
    }
}

static bool means_nothing(const char *text)
{
    static const char *const words[] = {"na",   "n/a",  "nan",     "null", "none",
                                        "-",    "--",   "unknown", "无",   "不详",
                                        "未知", "<na>", "(null)"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (wg_text_equal_fold(text, words[i]))
            return true;
    return !*text;
}

struct unit {
    const char *word;
    double factor;
};

static bool unit_of(const char *word, double *factor)
{
    static const struct unit units[] = {
        {"", 1},          {"m", 1},      {"m.", 1},        {"米", 1},
        {"公尺", 1},      {"metres", 1}, {"meters", 1},    {"metre", 1},
        {"meter", 1},     {"层", 1},     {"楼", 1},        {"f", 1},
        {"floors", 1},    {"floor", 1},  {"storeys", 1},   {"levels", 1},
        {"户", 1},        {"人", 1},     {"ft", 0.3048},   {"feet", 0.3048},
        {"foot", 0.3048}, {"'", 0.3048}, {"英尺", 0.3048}, {"cm", 0.01},
        {"厘米", 0.01},   {"km", 1000},
    };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (wg_text_equal_fold(word, units[i].word)) {
            *factor = units[i].factor;
            return true;
        }
    return false;
}

enum wg_number wg_number_parse(const char *text, double *out)
{
    char *end;
    double factor;
    if (means_nothing(text))
        return WG_NUMBER_NONE;
    if ((*text < '0' || *text > '9') && *text != '-' && *text != '+' && *text != '.')
        return WG_NUMBER_JUNK; /* neither "inf" nor hexadecimal */
    const char *digits = text + (*text == '-' || *text == '+');
    if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
        return WG_NUMBER_JUNK;
    double v = CPLStrtod(text, &end);
    if (end == text || !isfinite(v))
        return WG_NUMBER_JUNK;
    while (*end == ' ')
        end++;
    if (!unit_of(end, &factor))
        return WG_NUMBER_JUNK;
    *out = v * factor;
    return WG_NUMBER_OK;
}

/* A number, or NaN; junk is counted. */
static double number_of(struct wg_job *job, enum wg_field f)
{
    int i = job->field[f];
    if (i < 0 || !OGR_F_IsFieldSetAndNotNull(job->feature, i))
        return NAN;
    OGRFieldType type = OGR_Fld_GetType(OGR_F_GetFieldDefnRef(job->feature, i));
    if (type == OFTInteger || type == OFTInteger64 || type == OFTReal)
        return OGR_F_GetFieldAsDouble(job->feature, i);
    const char *text;
    double v = NAN;
    if (wg_field_text(job, f, &text, NULL) || !text)
        return NAN;
    if (wg_number_parse(text, &v) == WG_NUMBER_JUNK)
        wg_field_junk(job, f, text);
    return v;
}

double wg_field_metres(struct wg_job *job, enum wg_field f)
{
    double v = number_of(job, f);
    if (isnan(v) || (v >= 0 && v < 20000))
        return v;
    char text[32];
    snprintf(text, sizeof text, "%g", v);
    wg_field_junk(job, f, text);
    return NAN;
}

int64_t wg_field_count(struct wg_job *job, enum wg_field f)
{
    double v = number_of(job, f);
    if (isnan(v))
        return WG_UNKNOWN;
    if (v >= 0 && v < 1e9)
        return (int64_t)floor(v + 0.5);
    char text[32];
    snprintf(text, sizeof text, "%g", v);
    wg_field_junk(job, f, text);
    return WG_UNKNOWN;
}
