#include "ui/widgets/boundary_view.h"

#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>
#include <array>
#include <cmath>

namespace rondo::ui {

namespace {

// Class colours: Okabe and Ito's eight, in an order that keeps the first two far apart for every kind of
// sight.
constexpr std::array<QRgb, 8> kClasses{0x0072b2, 0xe69f00, 0x009e73, 0xcc79a7,
                                       0x56b4e9, 0xd55e00, 0xf0e442, 0x666666};

QColor classColour(int index) {
    return QColor::fromRgb(kClasses[static_cast<std::size_t>(index) % kClasses.size()] | 0xff000000);
}

/// A shape a class, so that colour is not the only sign. Classes that share a colour differ in shape.
void paintPoint(QPainter& painter, QPointF at, int label, double r) {
    switch ((label + label / static_cast<int>(kClasses.size())) % 4) {
        case 0:
            painter.drawEllipse(at, r, r);
            break;
        case 1:
            painter.drawRect(QRectF(at.x() - r * 0.9, at.y() - r * 0.9, r * 1.8, r * 1.8));
            break;
        case 2:
            painter.drawPolygon(QPolygonF({{at.x(), at.y() - r * 1.2},
                                           {at.x() + r * 1.1, at.y() + r},
                                           {at.x() - r * 1.1, at.y() + r}}));
            break;
        default:
            painter.drawPolygon(QPolygonF({{at.x(), at.y() - r * 1.3},
                                           {at.x() + r * 1.3, at.y()},
                                           {at.x(), at.y() + r * 1.3},
                                           {at.x() - r * 1.3, at.y()}}));
    }
}

}  // namespace

BoundaryView::BoundaryView(const RunStore& store, Focus&, QWidget* parent)
    : QWidget(parent), store_(store) {
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("What is learned"));
    makePictures();
    connect(&store_, &RunStore::changed, this, &BoundaryView::onChanged);
}

void BoundaryView::setTheme(const Theme& theme) {
    theme_ = theme;
    makePictures();
    update();
}

void BoundaryView::onChanged(const RunStore::Changes& changes) {
    if (!changes.reset && !changes.boundary && !changes.preview) return;
    makePictures();
    update();
}

void BoundaryView::makePictures() {
    plane_ = sheet_ = {};
    if (const auto& boundary = store_.boundary(); boundary && boundary->side > 0) {
        const int side = boundary->side;
        if (static_cast<std::int64_t>(boundary->cells.size()) >= static_cast<std::int64_t>(side) * side) {
            plane_ = QImage(side, side, QImage::Format_RGB32);
            for (int y = 0; y < side; ++y) {
                auto* line = reinterpret_cast<QRgb*>(plane_.scanLine(y));
                for (int x = 0; x < side; ++x) {
                    const std::uint8_t cell = boundary->cells[static_cast<std::size_t>(y * side + x)];
                    const QColor colour = classColour(cell >> 4);
                    const double share = 0.12 + 0.5 * (cell & 15) / 15.0;
                    const auto mix = [share](int ground, int top) {
                        return static_cast<int>(ground * (1 - share) + top * share);
                    };
                    line[x] =
                        qRgb(mix(theme_.panel.red(), colour.red()), mix(theme_.panel.green(), colour.green()),
                             mix(theme_.panel.blue(), colour.blue()));
                }
            }
        }
    }
    if (const auto& preview = store_.preview(); preview && preview->width > 0 && preview->height > 0) {
        const int w = preview->width, h = preview->height;
        const auto pixels = static_cast<std::size_t>(w) * static_cast<std::size_t>(h);
        const int count = static_cast<int>(
            std::min<std::size_t>({preview->labels.size(), preview->pixels.size() / pixels, 400}));
        if (count == 0) return;
        sheet_ = QImage(w * count, h, QImage::Format_RGB32);
        for (int i = 0; i < count; ++i) {
            for (int y = 0; y < h; ++y) {
                auto* line = reinterpret_cast<QRgb*>(sheet_.scanLine(y)) + i * w;
                for (int x = 0; x < w; ++x) {
                    const int ink = preview->pixels[static_cast<std::size_t>(i) * pixels +
                                                    static_cast<std::size_t>(y * w + x)];
                    // Ink on paper: dark on light, as one writes; light on dark in a dark room.
                    const int level = theme_.isDark ? ink : 255 - ink;
                    line[x] = qRgb(level, level, level);
                }
            }
        }
    }
}

void BoundaryView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme_.panel);
    const auto& preview = store_.preview();
    const bool images = preview && preview->width > 0;
    painter.setFont(titleFont(theme_));
    painter.setPen(theme_.text);
    const QRect top(10, 0, width() - 18, theme_.fontPixels + 11);
    const QString title = images                         ? tr("Training images")
                          : preview || store_.boundary() ? tr("Decision boundary")
                                                         : tr("Data");
    painter.drawText(top, Qt::AlignVCenter, title);
    if (!preview && !store_.boundary()) {
        painter.setFont(bodyFont(theme_));
        painter.setPen(theme_.mutedText);
        painter.drawText(rect().adjusted(10, top.height(), -10, 0), Qt::AlignCenter | Qt::TextWordWrap,
                         tr("What is being learned appears here."));
        return;
    }
    const double titleWidth = QFontMetricsF(painter.font()).horizontalAdvance(title);
    painter.setFont(captionFont(theme_));
    painter.setPen(theme_.mutedText);
    const QString words = images              ? tr("with their labels")
                          : store_.boundary() ? tr("after step %1").arg(store_.boundary()->step)
                                              : tr("before training");
    if (QFontMetricsF(painter.font()).horizontalAdvance(words) + titleWidth + 20 < top.width()) {
        painter.drawText(top, Qt::AlignVCenter | Qt::AlignRight, words);
    }
    if (images) {
        paintSheet(painter);
    } else {
        paintPlane(painter);
    }
}

void BoundaryView::paintPlane(QPainter& painter) const {
    const double top = theme_.fontPixels + 13,
                 side = std::max(10.0, std::min(width() - 16.0, height() - top - 8));
    const QRectF area((width() - side) / 2, top, side, side);
    const auto& preview = store_.preview();
    double extent = store_.boundary() ? store_.boundary()->extent : 0;
    if (extent <= 0 && preview) {
        for (const float v : preview->points) {
            if (std::isfinite(v)) extent = std::max(extent, std::abs(static_cast<double>(v)) * 1.05);
        }
    }
    if (!(extent > 0)) extent = 1;
    painter.save();
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    if (!plane_.isNull()) painter.drawImage(area, plane_);
    painter.setClipRect(area);
    painter.setRenderHint(QPainter::Antialiasing);
    if (preview) {
        const double r = std::clamp(side / 110, 1.8, 5.0);
        const std::size_t count =
            std::min<std::size_t>({preview->labels.size(), preview->points.size() / 2, 1500});
        // A point lies on ground of its own colour where the model is right: only its edge tells it apart.
        painter.setPen(QPen(theme_.isDark ? theme_.text : QColor(Qt::white), theme_.isDark ? 1.0 : 0.8));
        for (std::size_t i = 0; i < count; ++i) {
            const double x = preview->points[2 * i], y = preview->points[2 * i + 1];
            if (!std::isfinite(x) || !std::isfinite(y)) continue;
            const QPointF at(area.center().x() + x / extent * side / 2,
                             area.center().y() - y / extent * side / 2);
            painter.setBrush(classColour(preview->labels[i]));
            paintPoint(painter, at, preview->labels[i], r);
        }
    }
    painter.restore();
    painter.setPen(QPen(theme_.border, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(area);
}

void BoundaryView::paintSheet(QPainter& painter) const {
    if (sheet_.isNull()) return;
    const auto& preview = *store_.preview();
    const int count = sheet_.width() / preview.width;
    painter.setFont(captionFont(theme_));
    const double caption = QFontMetricsF(painter.font()).height(), gap = 6;
    const QRectF area = QRectF(rect()).adjusted(10, theme_.fontPixels + 13, -10, -8);
    // The largest tiles with which most of the samples are seen, but never smaller than one can read.
    const double aspect = static_cast<double>(preview.height) / preview.width;
    int columns = 1;
    double tile = 0;
    for (columns = 1; columns <= 40; ++columns) {
        tile = (area.width() - gap * (columns - 1)) / columns;
        const int rows = static_cast<int>((area.height() + gap) / (tile * aspect + caption + gap));
        if (tile <= 34 || rows * columns >= std::min(count, 40)) break;
    }
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    for (int i = 0; i < count; ++i) {
        const QRectF box(area.left() + (i % columns) * (tile + gap),
                         area.top() + (i / columns) * (tile * aspect + caption + gap), tile, tile * aspect);
        if (box.bottom() + caption > area.bottom() + 1) break;
        painter.drawImage(box, sheet_, QRectF(i * preview.width, 0, preview.width, preview.height));
        painter.setPen(QPen(theme_.border, 1));
        painter.drawRect(box);
        painter.setPen(theme_.text);
        painter.drawText(QRectF(box.left(), box.bottom(), box.width(), caption), Qt::AlignCenter,
                         QString::number(preview.labels[static_cast<std::size_t>(i)]));
    }
}

}  // namespace rondo::ui
